import { connect } from 'node:net';

/** What no HTTP client would send, and what came back for it until the server closed the connection or fell silent. */
export function sendRaw(baseUrl: string, bytes: string | Buffer, silence = 500): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setTimeout(silence, () => socket.destroy());
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    // A connection that the server cuts is an answer too.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(bytes);
  });
}

/** A request of these lines, without a body unless the last one is one. */
export function request(...lines: string[]): string {
  return lines.join('\r\n');
}

/** The statuses of all answers in what came back. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}
