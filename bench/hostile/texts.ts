/** Texts that nobody means: each makes work for whatever sets, breaks, shapes or escapes it. */

const repeated = (text: string, length: number) =>
  text.repeat(Math.ceil(length / text.length)).slice(0, length);

export const HOSTILE_TEXTS = [
  // Nothing but line breaks, of every kind there is.
  `x${'\n'.repeat(1_998)}x`,
  `x${'\u2028\u2029\v\f\u0085\r'.repeat(333)}x`,
  // Lines of one letter.
  'a\n'.repeat(990),
  // A word without an end, and letters with marks without an end.
  'W'.repeat(2_000),
  `Z${'\u0301\u0322\u0316\u034f'.repeat(499)}`,
  // Letters of many scripts, none twice: a font is asked for each of them.
  String.fromCodePoint(...Array.from({ length: 990 }, (_, n) => 0x4e00 + n * 17)),
  repeated('مرحبا שלום नमस्ते 🏴‍☠️👩‍👩‍👧‍👦 ﷽ ', 1_990),
  // What means something elsewhere.
  repeated('{{#each .}}{{{this}}}{{/each}}<mj-raw><script>&amp;&lt;', 2_000),
  repeated('%s %n #{7*7} =1+1 \\u0000 \'";-- ', 2_000),
  repeated('\u202e\u200b\u200f\u2066\ufeff', 2_000),
] as const;

export const HOSTILE_NAMES = [
  'N'.repeat(100),
  `${repeated('\u0301', 99)}e`,
  repeated('🏴‍☠️', 98),
  repeated('<b>{{nom}}</b>', 100),
  repeated('\u202eنص', 100),
] as const;
