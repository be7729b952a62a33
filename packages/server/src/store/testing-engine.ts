// For tests: the real engine as a child process, that can be killed and started again on its directory.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { StoreAddress } from './port.ts'

const program = fileURLToPath(new URL('../../../engine/src/main.ts', import.meta.url))

export class TestingEngine implements AsyncDisposable {
  readonly dir: string
  #child: ChildProcess | undefined

  private constructor(dir: string) {
    this.dir = dir
  }

  static async start(): Promise<TestingEngine> {
    const engine = new TestingEngine(await mkdtemp(join(tmpdir(), 'tw-engine-')))
    await engine.start()
    return engine
  }

  get address(): StoreAddress {
    return { url: 'http://localhost', socketPath: join(this.dir, 'socket'), database: 'tidewatch' }
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const flags = [
      '--dir',
      join(this.dir, 'engine'),
      '--body-dir',
      join(this.dir, 'bodies'),
      '--socket',
      join(this.dir, 'socket'),
    ]
    const child = spawn(process.execPath, [program, ...flags], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, TZ: 'UTC' },
    })
    this.#child = child
    const said: string[] = []
    const lines = createInterface({ input: child.stderr })
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code, signal) =>
        reject(new Error(`the engine ended (${code ?? signal}): ${said.join('\n')}`)),
      )
      lines.on('line', (line) => {
        said.push(line)
        if (line.includes('"ready"')) resolve()
      })
    })
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.dir, { recursive: true, force: true })
  }
}
