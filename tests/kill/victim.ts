// A server that is killed and started again: always on the same port and data, as its senders expect it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { type RunningServer, type StartOptions, startServer } from '@tidewatch/testkit/server.ts'
import { argumentsOf, childrenOf, goneAfterMs, killProcess } from './processes.ts'

export class Victim implements AsyncDisposable {
  readonly dataDir: string
  readonly port: number
  readonly #options: StartOptions
  readonly #ownsDataDir: boolean
  #running: RunningServer | undefined

  private constructor(port: number, options: StartOptions) {
    this.port = port
    this.#options = options
    this.#ownsDataDir = options.dataDir === undefined
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tidewatch-kill-'))
  }

  static async start(options: StartOptions = {}): Promise<Victim> {
    const victim = new Victim(await freePort(), options)
    await victim.start()
    return victim
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get server(): RunningServer {
    if (this.#running === undefined) throw new Error('the server does not run')
    return this.#running
  }

  /** The engine's process; undefined while there is none. */
  get enginePid(): number | undefined {
    return this.#running === undefined ? undefined : childrenOf(this.#running.pid)[0]
  }

  async start(args: readonly string[] = this.#options.args ?? []): Promise<void> {
    const { dataDir, port } = this
    this.#running = await startServer({ ...this.#options, args, dataDir, port, readyTimeoutMs: 90_000 })
  }

  /** SIGKILL to the server; its engine is left to notice. */
  async killServer(): Promise<void> {
    await this.server.kill()
    this.#running = undefined
  }

  /** SIGKILL to the engine, where there is one. */
  killEngine(): void {
    const pid = this.enginePid
    if (pid !== undefined) killProcess(pid)
  }

  /** Servers of ours on its directory, ready or not. */
  starting(): number[] {
    return childrenOf(process.pid).filter((pid) => argumentsOf(pid).includes(this.dataDir))
  }

  /** Begins a start and kills it after so long, wherever it is then. */
  async killStart(afterMs: number): Promise<void> {
    const starting = this.start().then(
      () => 'ready',
      () => 'killed',
    )
    await Promise.race([starting, systemClock.sleep(afterMs)])
    for (const pid of this.starting()) killProcess(pid)
    await starting
    await this.#running?.exited
    this.#running = undefined
  }

  /** As Ctrl-C does it; the exit code. */
  async stop(): Promise<number | null> {
    const code = await this.server.stop()
    this.#running = undefined
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running
    if (running !== undefined) {
      await running.stop()
      for (const pid of childrenOf(running.pid)) await goneAfterMs(pid, 60_000)
    }
    if (this.#ownsDataDir) rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}

/** Why a start on a directory is refused: the exit code and all that was printed. */
export async function refusedStart(dataDir: string): Promise<string> {
  return startServer({ dataDir }).then(
    async (server) => {
      await server.stop()
      return 'it started'
    },
    (error: unknown) => String(error),
  )
}
