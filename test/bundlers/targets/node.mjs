import { nodeCommand } from '../lib/node.mjs';
import { run } from '../lib/run.mjs';

const IMPORT = `import { train } from './train.js';\nconsole.log(JSON.stringify(train()));\n`;
const REQUIRE = `const { train } = require('./train.cjs');\nconsole.log(JSON.stringify(train()));\n`;

/** The program as CommonJS: not one import in it. */
const commonJs = (text) =>
  `${text.replace(/^import (.*) from 'simdgrad';/m, "const $1 = require('simdgrad');").replace('export function', 'function')}
module.exports = { train };\n`;

/** @type {import('../lib/outcome.mjs').Target[]} */
export const targets = [20, 22, 24, 26].flatMap((major) =>
  ['import.mjs', 'require.cjs'].map((file) => ({
    name: `Node ${major}, ${file.split('.')[0]}`,
    quick: true,
    async run(workspace) {
      const [command, ...args] = nodeCommand(major);
      const files = { 'import.mjs': IMPORT, 'require.cjs': REQUIRE, 'train.cjs': commonJs(workspace.program) };
      const cwd = workspace.project('node', files);
      return { training: JSON.parse(await run(command, [...args, file], { cwd })) };
    },
  })),
);
