import { join } from 'node:path';
import { identify } from '../../../tools/lib/identity';
import { launch, type RunningProcess } from '../../../tools/lib/processes';
import { Supervisor } from '../../../tools/lib/supervisor';
import { type ThrowawayFolder, throwawayFolder } from '../../../tools/lib/throwaway-folder';
import { eventually } from '../../support/eventually';

let folder: ThrowawayFolder;
let supervisor: Supervisor;
beforeEach(async () => {
  folder = await throwawayFolder();
  supervisor = new Supervisor();
});
afterEach(async () => {
  await supervisor.stop();
  await folder.remove();
});

const start = (name: string): Promise<RunningProcess> =>
  launch({
    name,
    command: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    logFile: join(folder.path, 'log'),
  });

describe('a process that is kept', () => {
  it('is renewed by name, each time, and the others are left alone', async () => {
    for (const name of ['api', 'worker']) supervisor.keep(await start(name), () => start(name));
    const [api, worker] = supervisor.processes.map(({ pid }) => pid);
    const second = await supervisor.renew('api');
    const third = await supervisor.renew('api');
    expect(new Set([api, second.pid, third.pid]).size).toBe(3);
    expect([identify(api!), identify(second.pid)]).toEqual([undefined, undefined]);
    expect(supervisor.processes.map(({ pid }) => pid)).toEqual([third.pid, worker]);
  });

  it('is kept on being started again after it was renewed', async () => {
    supervisor.keep(await start('api'), () => start('api'));
    const { pid, kill } = await supervisor.renew('api');
    kill();
    await eventually(
      () => supervisor.processes[0]!.pid,
      (now) => now !== pid && identify(now) !== undefined,
    );
  });

  it('is tried again later when it cannot be renewed at once', async () => {
    let tries = 0;
    supervisor.keep(await start('api'), () => {
      if (++tries === 1) throw new Error('not yet');
      return start('api');
    });
    await supervisor.renew('api');
    expect(tries).toBe(2);
  });

  it('has to be known', async () => {
    await expect(supervisor.renew('api')).rejects.toThrow('Nothing that is called api runs');
  });
});
