// For tests: the real engine with tables in it, and a client of it.
import { createStoreClient } from './client.ts'
import { migrateStore } from './migrate.ts'
import type { StoreClient, TelemetryTable } from './port.ts'
import { createRenderTarget } from './render.ts'
import { TestingEngine } from './testing-engine.ts'

export interface TestingStore extends AsyncDisposable {
  /** May be killed, and started again. */
  readonly engine: TestingEngine
  readonly client: StoreClient & AsyncDisposable
}

/** Once for a file of tests: an engine takes a second to start. */
export async function openTestingStore(tables: readonly TelemetryTable[]): Promise<TestingStore> {
  await using stack = new AsyncDisposableStack()
  const engine = stack.use(await TestingEngine.start())
  const client = stack.use(createStoreClient(engine.address))
  const { signal } = new AbortController()
  await migrateStore({ address: engine.address, tables, target: createRenderTarget(undefined), signal })
  const open = stack.move()
  return { engine, client, [Symbol.asyncDispose]: () => open.disposeAsync() }
}
