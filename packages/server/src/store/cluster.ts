import { createStoreClient } from './client.ts'
import type { StoreAddress } from './port.ts'

/**
 * The cluster a server belongs to: what its macro `cluster` says, as ClickHouse's own documentation and its operators set it. Undefined for a
 * server that stands alone.
 */
export async function findCluster(
  address: StoreAddress,
  options: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  await using client = createStoreClient({ ...address, database: 'default' })
  const rows = await client.query<{ substitution: string }>(
    "SELECT substitution FROM system.macros WHERE macro = 'cluster' AND substitution IN (SELECT cluster FROM system.clusters)",
    options,
  )
  return rows[0]?.substitution
}
