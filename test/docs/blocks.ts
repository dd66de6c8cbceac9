import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface Block {
  readonly language: string;
  readonly code: string;
  /** The line of the document where it starts. */
  readonly line: number;
}

/** The fenced blocks of a document, in order. */
export function blocks(document: string): Block[] {
  const text = read(document);
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ 1: language, 2: code, index }) => ({
    language: language!,
    code: code!,
    line: text.slice(0, index).split('\n').length,
  }));
}

export function read(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}
