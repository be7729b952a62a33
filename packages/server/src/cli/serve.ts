import { AppError } from '@tidewatch/core/error.ts'
import { startTidewatch, type TidewatchServer } from '../app/server.ts'
import { readServeOptions, serveFlags } from '../config/flags.ts'
import type { Command } from './command.ts'

/** What a stop may take; then the process ends as it is. Nothing acknowledged is lost by that either. */
const stopMs = 5000

export const serve: Command = {
  name: 'serve',
  summary: 'Start the server',
  usage: '[--config FILE|DIR] ...',
  flags: serveFlags,
  async run({ rawArgs, env, out, err }) {
    const options = readServeOptions(rawArgs, env)
    const startedMs = performance.now()
    const end = Promise.withResolvers<number>()
    const starting = new AbortController()
    onStopSignals((code) => {
      starting.abort(new AppError('internal.stopping', 'the start was given up.'))
      end.resolve(code)
    })
    let running: TidewatchServer | undefined
    // before the start too: without a listener the signal would end the process
    process.on('SIGHUP', () => {
      if (running !== undefined) readAgain(running)
    })
    const server = await startTidewatch(options, {
      env,
      progress: out,
      signal: starting.signal,
      onFatal: (name, error) => {
        err(`${name} ended and cannot go on: ${String(error)}`)
        end.resolve(1)
      },
      logTo: { write: (line) => void process.stderr.write(line), isTerminal: process.stderr.isTTY === true },
    })
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    const lines = [`Tidewatch is ready at ${server.url} (after ${seconds} s)`]
    if (server.signInLink !== undefined) {
      lines.push(`Sign in, once, with this link (it is good for an hour): ${server.signInLink}`)
      lines.push('Later links: npx tidewatch user link NAME')
    }
    // in one piece: who waits for the first line finds the link behind it
    out(lines.join('\n'))
    running = server
    const code = await end.promise
    out('Stopping ...')
    const timer = setTimeout(() => {
      err('Not everything stopped in time; ending now. Nothing that was acknowledged is lost.')
      process.exit(1)
    }, stopMs)
    timer.unref()
    await server[Symbol.asyncDispose]()
    clearTimeout(timer)
    out('Stopped.')
    return code
  },
}

/** Once in order, twice at once. */
function onStopSignals(end: (code: number) => void): void {
  let asked = 0
  const stop = (): void => {
    asked++
    if (asked > 1) process.exit(130)
    end(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function readAgain({ configuration, reloadCertificate, logger }: TidewatchServer): void {
  void configuration.reload()
  void reloadCertificate().catch((error: unknown) => logger.error('the certificate was not read again', { error }))
}
