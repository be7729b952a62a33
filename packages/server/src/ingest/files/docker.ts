// Containers of this machine by the files of Docker's json-file driver, named by what Docker wrote beside them.
import { readFile } from 'node:fs/promises'
import { dirname, join, matchesGlob } from 'node:path'
import { z } from 'zod'
import type { LogIntake } from '../logs/port.ts'
import type { DockerSettings } from './config.ts'
import type { FileOrigin, FileSource } from './source.ts'

const containerForm = z.object({
  ID: z.string().default(''),
  Name: z.string().default(''),
  Config: z
    .object({
      Image: z.string().default(''),
      Labels: z
        .record(z.string(), z.string())
        .nullish()
        .transform((labels) => labels ?? {}),
    })
    .prefault({}),
})

/** Compose's names of services and projects, which are what people know their containers by. */
const serviceLabel = 'com.docker.compose.service'
const projectLabel = 'com.docker.compose.project'

export function dockerSource(
  settings: DockerSettings,
  { logs, host }: { readonly logs: LogIntake; readonly host: string },
): FileSource {
  const { directory, project, start, multiline, max_line_bytes: maxLineBytes, exclude } = settings
  return {
    key: `docker ${directory}`,
    patterns: [join(directory, '*', '*-json.log')],
    ...{ exclude: [], format: 'docker', project, start, multiline, maxLineBytes, ignoreOlderMs: undefined, logs },
    describe: async (path) => {
      const origin = await describeContainer(path, host)
      const name = origin.resource.get('container.name') ?? ''
      return exclude.some((pattern) => matchesGlob(name, pattern)) ? undefined : origin
    },
  }
}

async function describeContainer(path: string, host: string): Promise<FileOrigin> {
  const resource = new Map([['host.name', host]])
  const container = await readContainer(dirname(path))
  if (container === undefined) return { service: '', resource }
  const { ID: id, Name, Config } = container
  const name = Name.replace(/^\//, '')
  const set = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') resource.set(key, value)
  }
  set('container.name', name)
  set('container.id', id)
  set('container.image.name', Config.Image)
  set('docker.compose.project', Config.Labels[projectLabel])
  return { service: Config.Labels[serviceLabel] ?? name, resource }
}

async function readContainer(folder: string): Promise<z.output<typeof containerForm> | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(join(folder, 'config.v2.json'), 'utf8'))
    return containerForm.safeParse(read).data
  } catch {
    // a container that is being made, or was removed: its lines count all the same
    return undefined
  }
}
