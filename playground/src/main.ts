import '../style/tokens.css';
import '../style/page.css';
import '../style/controls.css';
import '../style/digits.css';
import '../style/backprop.css';
import '../style/bench.css';
import { BackpropView } from './backprop/view.js';
import { BenchView } from './bench/view.js';
import { DigitsView } from './digits/view.js';
import { byId } from './dom.js';
import { Tabs } from './tabs.js';

const narrow = matchMedia('(max-width: 719px)');
byId('settings', HTMLDetailsElement).open = !narrow.matches;

const digits = new DigitsView();
new BenchView(() => digits.pause());
const backprop = new BackpropView();
new Tabs(byId('tabs', HTMLElement), (view) => {
  if (view !== 'backpropagation') backprop.hide();
});
