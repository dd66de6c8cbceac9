import { backendInfo, matmul, Random } from 'simdgrad';
import { setThreads } from 'simdgrad/threads';

/** The same product alone and on two threads, where the host lets them be. */
export async function onTwoThreads() {
  const rng = new Random(3);
  const [a, b] = [rng.normal([300, 200]), rng.normal([200, 250])];
  const product = () => String(matmul(a, b).toTypedArray());
  const alone = product();
  await setThreads(2);
  let equal = true;
  for (let i = 0; i < 10; i++) equal &&= product() === alone;
  const { threads, threadsReason } = backendInfo();
  await setThreads(1);
  return { threads, reason: threadsReason, equal };
}
