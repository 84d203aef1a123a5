import { step } from '../tools/lib/progress';
import { onStopRequest } from '../tools/lib/stop-requests';
import type { EngineKind } from './engine';
import type { Report } from './report';
import { type BenchSystem, benchFolder, startBenchSystem } from './system';

/**
 * Runs a program that measures, shows and saves its report, and ends this process: with code 1 when it cannot be
 * measured. The system that it starts is stopped whatever ends it, also when another is started.
 */
export function runProgram(
  measure: (start: (engine?: EngineKind) => Promise<BenchSystem>) => Promise<Report>,
): void {
  let system: BenchSystem | undefined;
  const start = async (engine?: EngineKind) => {
    await system?.stop();
    system = undefined;
    system = await step('Starting the system', () => startBenchSystem(engine));
    return system;
  };

  let stopping = false;
  const stop = async (exitCode: number) => {
    stopping = true;
    await system?.stop();
    process.exit(exitCode);
  };
  onStopRequest(
    () => void stop(130),
    () => process.exit(130),
  );

  const main = async () => {
    const report = await measure(start);
    console.log(`\n${report}\n`);
    for (const file of report.save(benchFolder)) console.log(`Saved: ${file}`);
  };
  main().then(
    () => stop(0),
    (error: Error) => {
      if (stopping) return;
      console.error(error.message);
      void stop(1);
    },
  );
}
