import { createServer } from 'node:http';
import { Client } from 'minio';

/**
 * The floor of files: the least that Node.js can do between a client and the store. What comes in goes to the store as it comes,
 * and back in the same way: no form, no check of what it is, no digest, no rows.
 */

const { PORT, S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY } = process.env;
const { hostname, port, protocol } = new URL(S3_ENDPOINT!);
const client = new Client({
  endPoint: hostname,
  port: Number(port),
  useSSL: protocol === 'https:',
  accessKey: S3_ACCESS_KEY!,
  secretKey: S3_SECRET_KEY!,
  /** As much as ours holds in memory. */
  partSize: 5 * 2 ** 20,
});
const BUCKET = 'bench-fichiers';
const KEY = 'fichier';

async function main(): Promise<void> {
  if (!(await client.bucketExists(BUCKET))) await client.makeBucket(BUCKET);
  createServer(async (req, res) => {
    try {
      if (req.method === 'PUT') {
        await client.putObject(BUCKET, KEY, req, Number(req.headers['content-length']));
        res.end();
      } else if (req.url === '/fichier') (await client.getObject(BUCKET, KEY)).pipe(res);
      else res.end();
    } catch (error) {
      res.statusCode = 500;
      res.end(String(error));
    }
  }).listen(Number(PORT));
}

void main();
