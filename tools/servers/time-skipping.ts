import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from '../lib/cache';
import { findOnPath, runCommand } from '../lib/commands';
import { step } from '../lib/progress';
import { downloadFromTemporal } from '../lib/temporal-download';

/** Of the test server: it comes with Temporal's Java SDK. */
const version = '1.31.0';

/**
 * Path of an executable that is Temporal's time-skipping test server and takes the port as its argument. Downloaded, or made
 * from Maven packages and run with Java.
 */
export async function findTimeSkippingServer(): Promise<string> {
  const folder = await cachedFolder(`temporal-test-server-${version}`, async (temporary) => {
    const found = await downloadFromTemporal('temporal-test-server', `v${version}`, temporary);
    if (!found) await installFromMaven(temporary);
  });
  return join(folder, 'temporal-test-server');
}

async function installFromMaven(folder: string): Promise<void> {
  for (const program of ['mvn', 'java'])
    if (!findOnPath(program))
      throw new Error(
        `The time-skipping server cannot be downloaded here; then ${program} is needed on the PATH`,
      );
  const pomFile = join(folder, 'pom.xml');
  await writeFile(pomFile, pom);
  await step('Fetching the time-skipping server with Maven (first time only)', (tell) =>
    runCommand(
      'mvn',
      [
        '-B',
        '-f',
        pomFile,
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        '-DoutputDirectory=lib',
      ],
      { onLine: (line) => tell(line.replace(/^\[INFO\] /, '').slice(0, 100)) },
    ),
  );
  const script = join(folder, 'temporal-test-server');
  await writeFile(script, launcher);
  await chmod(script, 0o755);
}

/** Quick to start rather than quick in the long run: the SDK waits five seconds for it. */
const launcher = `#!/bin/sh
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xmx512m \\
  -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;

/** The second package silences a complaint about missing logging. */
const pom = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>regie</groupId>
  <artifactId>time-skipping-server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${version}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;
