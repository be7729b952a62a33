import { startTidewatch } from '../app/server.ts'
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
    const server = await startTidewatch(options, {
      env,
      progress: out,
      onFatal: (name, error) => {
        err(`${name} ended and cannot go on: ${String(error)}`)
        end.resolve(1)
      },
      logTo: { write: (line) => void process.stderr.write(line), isTerminal: process.stderr.isTTY === true },
    })
    out(`Tidewatch is ready at ${server.url} (after ${((performance.now() - startedMs) / 1000).toFixed(1)} s)`)
    if (server.signInLink !== undefined) {
      out(`Sign in, once, with this link (it is good for an hour): ${server.signInLink}`)
      out('Later links: npx tidewatch user link NAME')
    }
    onSignals(server, end.resolve)
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

function onSignals(server: Awaited<ReturnType<typeof startTidewatch>>, end: (code: number) => void): void {
  let asked = 0
  const stop = (): void => {
    asked++
    if (asked > 1) process.exit(130)
    end(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', () => {
    void server.configuration.reload()
    void server
      .reloadCertificate()
      .catch((error: unknown) => server.logger.error('the certificate was not read again', { error }))
  })
}
