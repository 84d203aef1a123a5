import { costed } from '../cost';
import { drive } from '../drive';
import type { ScenarioContext } from './context';

/** A few, since their number is limited even where that of other requests is not. */
const SIGN_INS = 10;

/** Hashing a password is slow on purpose; this is how slow. */
export async function benchSignIn({ system, report }: ScenarioContext): Promise<void> {
  const measured = await costed(system.processes, () =>
    drive(1, 60, async (index) => {
      if (index >= SIGN_INS) return false;
      (await system.signIn()).close();
      return true;
    }),
  );
  report.load('sign in', 1, measured);
}
