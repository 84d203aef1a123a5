import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onChange } from '../../../tools/lib/changes';
import { type ThrowawayFolder, throwawayFolder } from '../../../tools/lib/throwaway-folder';
import { eventually } from '../../support/eventually';

let folder: ThrowawayFolder;
let end: () => void;
const told = new Set<string>();
beforeEach(async () => {
  folder = await throwawayFolder();
  mkdirSync(join(folder.path, 'api', 'pieces'), { recursive: true });
  write('api/pieces/routes.ts');
  end = onChange(folder.path, (file) => told.add(file));
});
afterEach(async () => {
  end();
  await folder.remove();
  told.clear();
});

const at = (file: string) => join(folder.path, file);
const write = (file: string) => writeFileSync(at(file), String(Math.random()));
const untilTold = (file: string) =>
  eventually(
    () => [...told],
    (files) => files.includes(file),
  );

describe('a change below a folder', () => {
  it('is told each time, whether the file is written to or replaced', async () => {
    for (const change of ['first', 'second', 'third']) {
      told.clear();
      write(`api/pieces/.${change}`);
      renameSync(at(`api/pieces/.${change}`), at('api/pieces/routes.ts'));
      await untilTold('api/pieces/routes.ts');
      told.clear();
      write('api/pieces/routes.ts');
      await untilTold('api/pieces/routes.ts');
    }
    expect([...told]).toEqual(['api/pieces/routes.ts']);
  });

  it('is told in a folder that is new, or was removed and made again', async () => {
    for (let round = 0; round < 3; round++) {
      told.clear();
      mkdirSync(at('api/visites'));
      await eventually(
        () => {
          write('api/visites/routes.ts');
          return [...told];
        },
        (files) => files.includes('api/visites/routes.ts'),
      );
      rmSync(at('api/visites'), { recursive: true });
      write('api/pieces/routes.ts');
      await untilTold('api/pieces/routes.ts');
    }
  });
});
