import { productVersion } from '../app/version.ts'
import type { Command } from './command.ts'

export const version: Command = {
  name: 'version',
  summary: 'Print the version',
  usage: '',
  flags: [],
  run: async ({ out }) => {
    out(`tidewatch ${productVersion} (node ${process.version}, ${process.platform} ${process.arch})`)
    return 0
  },
}
