// `import prometheus DIR`: what a person sees of it.
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readConfiguration } from '../app/configuration.ts'
import { discover, readConfigFile } from '../config/discover.ts'
import type { ConfigFile } from '../config/port.ts'
import { exitCodeOf, type Finding, judgeDirectory } from '../features/import/directory.ts'
import type { Verdict } from '../features/import/launch-flags.ts'
import type { CommandCall } from './command.ts'

const words: Readonly<Record<Verdict, string>> = {
  works: 'works  ',
  unused: 'unused ',
  missing: 'missing',
  wrong: 'WRONG  ',
}

export async function checkDirectory({ env, flags, out }: CommandCall, directory: string): Promise<number> {
  const path = resolve(directory)
  const { prometheus } = discover(path)
  const findings = judgeDirectory({
    prometheus,
    read: readConfiguration(path, env),
    launchFiles: launchFilesNear(path),
  })
  const code = exitCodeOf(findings)
  if (flags.has('json')) {
    out(JSON.stringify({ directory: path, starts: code !== 1, findings }, undefined, 2))
    return code
  }
  if (prometheus === undefined) out(`there is no prometheus.yml in ${path}.`)
  for (const { verdict, file, line, what, text } of findings)
    out(
      `${words[verdict]} ${[file, line].filter((part) => part !== undefined).join(':')}  ${what === '' ? '' : `${what}: `}${text}`,
    )
  out(summary(findings, code))
  return code
}

function summary(findings: readonly Finding[], code: 0 | 1 | 3): string {
  const count = (verdict: Verdict): number => findings.filter((finding) => finding.verdict === verdict).length
  const counts = `${count('works')} work, ${count('unused')} are not used, ${count('missing')} are missing, ${count('wrong')} are wrong`
  if (code === 1) return `${counts}. It would not start: mend what is wrong, then look again.`
  return `${counts}. Start with: tidewatch serve --config DIR`
}

const launchName =
  /^(?:(?:docker-)?compose[\w.-]*\.ya?ml|.*\.service|Dockerfile[\w.-]*|.*(?:deployment|statefulset|prometheus)[\w-]*\.ya?ml)$/i
const maxLaunchFiles = 50

/** In the directory and the one around it: compose files usually stand above the configuration. */
function launchFilesNear(path: string): readonly ConfigFile[] {
  const directory = statSync(path).isDirectory() ? path : dirname(path)
  const found = [directory, dirname(directory)].flatMap((folder) => {
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && launchName.test(entry.name) && !/^prometheus\.ya?ml$/.test(entry.name))
        .map((entry) => join(folder, entry.name))
    } catch {
      // what may not be looked into has nothing to say
      return []
    }
  })
  return found.slice(0, maxLaunchFiles).map((file) => ({ ...readConfigFile(file, directory), name: basename(file) }))
}
