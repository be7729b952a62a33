// cidr: whether an address stands in one of some networks.
import { BlockList, isIP } from 'node:net'
import type { Filter, FilterDefinition } from '../filter.ts'
import type { Settings } from '../settings.ts'

export const cidr: FilterDefinition = {
  name: 'cidr',
  compile(settings, { files }): Filter {
    const addresses = settings.texts('address').map((text) => settings.template(text, 'address'))
    const path = settings.optionalText('network_path')
    const separator = settings.text('separator', '\n')
    settings.allow('refresh_interval')
    const text = path === undefined ? '' : files.text(path)
    if (text === undefined) settings.complain(`${path} is not there`, 'Name a file that can be read.', 'network_path')
    const fromFile = (text ?? '').split(separator).map((line) => line.trim())
    const networks = [...settings.texts('network'), ...fromFile.filter((line) => line !== '')]
    const fixed = networks.filter((network) => !network.includes('%{'))
    const list = blockList(fixed, settings)
    const dynamic = networks
      .filter((network) => network.includes('%{'))
      .map((network) => settings.template(network, 'network'))
    return {
      failureTags: ['_cidr_failure'],
      run(event) {
        const extra = new BlockList()
        for (const template of dynamic) addNetwork(extra, template.render(event))
        return addresses.some((template) => {
          const address = template.render(event)
          const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
          return isIP(address) !== 0 && (list.check(address, family) || extra.check(address, family))
        })
      },
    }
  },
}

function blockList(networks: readonly string[], settings: Settings): BlockList {
  const list = new BlockList()
  for (const network of networks)
    if (!addNetwork(list, network))
      settings.complain(`"${network}" is no network`, 'Write 10.0.0.0/8 or fe80::/64.', 'network')
  return list
}

function addNetwork(list: BlockList, network: string): boolean {
  const [address = '', length] = network.split('/')
  const family = isIP(address)
  const bits = length === undefined ? (family === 6 ? 128 : 32) : Number(length)
  if (family === 0 || !(bits >= 0 && bits <= (family === 6 ? 128 : 32))) return false
  list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
  return true
}
