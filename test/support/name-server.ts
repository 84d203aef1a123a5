import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import type { Resolve } from '../../src/net/outgoing';

/** A name server (RFC 1035) whose answers change: what somebody runs who means to lead us elsewhere. */
export interface NameServer {
  /** Asks this server, over the network. */
  resolve: Resolve;
  /** What it answers for a name from now on, one list of IPv4 addresses a question; the last one stays. */
  set(name: string, ...answers: string[][]): void;
  /** How often it was asked for an address of a name. */
  asked(name: string): number;
  stop(): Promise<void>;
}

const TYPE_A = 1;
const ANSWER = 0x8400;
const NO_SUCH_NAME = 3;

export async function startNameServer(): Promise<NameServer> {
  const answers = new Map<string, string[][]>();
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (question, { address, port }) => {
    const name = readName(question);
    const end = 12 + name.length + 2 + 4;
    const isForAddress = question.readUInt16BE(end - 4) === TYPE_A;
    const left = answers.get(name);
    if (isForAddress) questions.push(name);
    const addresses = isForAddress ? ((left && left.length > 1 ? left.shift() : left?.[0]) ?? []) : [];
    const head = Buffer.alloc(12);
    question.copy(head, 0, 0, 2);
    head.writeUInt16BE(ANSWER | (left === undefined ? NO_SUCH_NAME : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(addresses.length, 6);
    const records = addresses.map((one) =>
      Buffer.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...one.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([head, question.subarray(12, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    resolve: (hostname) => resolver.resolve4(hostname),
    set: (name, ...lists) => answers.set(name, lists),
    asked: (name) => questions.filter((one) => one === name).length,
    stop: () => new Promise((done) => socket.close(() => done())),
  };
}

/** The name that a question is about, with dots. */
function readName(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; question[at]! > 0; at += question[at]! + 1) {
    labels.push(question.toString('latin1', at + 1, at + 1 + question[at]!));
  }
  return labels.join('.').toLowerCase();
}
