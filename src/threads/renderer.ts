import { RegieError } from '../domain/errors';
import { TaskThread, type TaskThreadOptions } from './task-thread';

/**
 * A document could not be made: making it took more memory or time than its thread has, or failed in itself. Made again of
 * the same data it would end like this.
 */
export class RenderFailed extends Error {
  override name = 'RenderFailed';
}

/** Makes documents of one kind in a thread with a heap and a time of its own, which is all that they can exhaust. */
export interface Renderer<Data, Document> {
  /**
   * @throws {RenderFailed}
   * @throws {RegieError} `SERVICE_INDISPONIBLE` when too many wait already
   */
  render(data: Data): Promise<Document>;
  close(): void;
}

export function createRenderer<Data, Document>(
  options: Omit<TaskThreadOptions, 'overdue'>,
): Renderer<Data, Document> {
  const thread = new TaskThread<Data, Document>({
    ...options,
    overdue: (cause) => new RenderFailed(`Not made within ${options.timeLimit} ms`, { cause }),
  });
  return {
    render: async (data) => {
      try {
        return await thread.run(data);
      } catch (error) {
        if (error instanceof RegieError || error instanceof RenderFailed) throw error;
        throw new RenderFailed(error instanceof Error ? error.message : String(error), { cause: error });
      }
    },
    close: () => thread.end(),
  };
}
