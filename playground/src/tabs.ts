import { isPlain } from './dom.js';

/**
 * Tabs by the pattern of the ARIA Authoring Practices: one stop of the tab key, arrows between them. The address keeps
 * which one is open (#digits, #backpropagation, #benchmarks).
 */
export class Tabs {
  readonly #tabs: HTMLElement[];
  readonly #opened: (name: string) => void;

  /** `opened` hears the name of a view each time that it is shown. */
  constructor(list: HTMLElement, opened: (name: string) => void) {
    this.#tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
    this.#opened = opened;
    list.addEventListener('keydown', (event) => this.#key(event));
    for (const tab of this.#tabs) tab.addEventListener('click', () => this.#open(tab));
    addEventListener('hashchange', () => this.#openHash());
    this.#openHash();
  }

  #openHash(): void {
    const name = location.hash.slice(1);
    this.#show(this.#tabs.find((tab) => nameOf(tab) === name) ?? this.#tabs[0]!);
  }

  #open(tab: HTMLElement): void {
    history.replaceState(null, '', `#${nameOf(tab)}`);
    this.#show(tab);
  }

  #show(shown: HTMLElement): void {
    for (const tab of this.#tabs) {
      const selected = tab === shown;
      tab.setAttribute('aria-selected', String(selected));
      tab.tabIndex = selected ? 0 : -1;
      document.getElementById(nameOf(tab))!.hidden = !selected;
    }
    this.#opened(nameOf(shown));
  }

  #key(event: KeyboardEvent): void {
    const at = this.#tabs.indexOf(event.target as HTMLElement);
    const last = this.#tabs.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[
      event.key
    ];
    if (at < 0 || to === undefined || !isPlain(event)) return;
    event.preventDefault();
    this.#tabs[to]!.focus();
    this.#open(this.#tabs[to]!);
  }
}

function nameOf(tab: HTMLElement): string {
  return tab.getAttribute('aria-controls')!;
}
