import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, platform } from 'node:os';
import { root } from './paths';

/** The command of this run, as a shell takes it. */
export function commandOf(name: string): string {
  const given = process.argv.slice(2).map((arg) => (/^[\w=.,:/-]+$/.test(arg) ? arg : JSON.stringify(arg)));
  return [`npm run ${name}`, ...(given.length > 0 ? ['--', ...given] : [])].join(' ');
}

/** What a figure depends on: the head of every table. */
export function printMachine(variant: string, threads: number, command: string): void {
  for (const [name, value] of [...machine(variant, threads), ['commit', commit()], ['command', command]] as const) {
    console.log(`${name.padEnd(8)} ${value}`);
  }
}

export function machine(variant: string, threads: number): [name: string, value: string][] {
  return [
    ['CPU', cpu()],
    ['engine', `Node ${process.versions.node}, V8 ${process.versions.v8}, ${platform()}`],
    ['variant', variant],
    ['threads', String(threads)],
  ];
}

function cpu(): string {
  const [first] = cpus();
  const name = first?.model.trim() ?? 'unknown';
  try {
    // Names such as "AMD EPYC" cover many cores; family and model tell which.
    const info = readFileSync('/proc/cpuinfo', 'utf8');
    const field = (key: string) => new RegExp(`^${key}\\s*: (.+)$`, 'm').exec(info)?.[1];
    return `${name} (family ${field('cpu family')}, model ${field('model')}), ${cpus().length} logical`;
  } catch {
    return `${name}, ${cpus().length} logical`;
  }
}

/** The source that is measured. */
export function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return (
      git('rev-parse', '--short', 'HEAD') +
      (git('status', '--porcelain', '-uno', '--', ':!bench/report.*', ':!bench/results', ':!README.md') === ''
        ? ''
        : ', with changes')
    );
  } catch {
    return 'unknown';
  }
}
