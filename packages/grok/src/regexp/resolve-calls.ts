// `\g<name>` by putting the group's expression in its place: a group that calls itself has no end of it and is refused.
import { type RegexpNode, RegexpSyntaxError } from './syntax.ts'

const maxNodes = 20_000

/** The tree without calls. Throws RegexpSyntaxError for an unknown or recursive one, and for a tree that grows too large. */
export function resolveCalls(
  root: RegexpNode,
  names: readonly { readonly name: string; readonly group: number }[],
): RegexpNode {
  const bodies = new Map<number, RegexpNode>()
  if (!collect(root, bodies)) return root
  let nodes = 0
  return replace(root, [])

  function replace(node: RegexpNode, within: readonly number[]): RegexpNode {
    if (++nodes > maxNodes) throw new RegexpSyntaxError('calls of groups make it too large', 0)
    switch (node.kind) {
      case 'call': {
        const group = names.findLast(({ name }) => name === node.name)?.group
        const body = group === undefined ? undefined : bodies.get(group)
        if (group === undefined || body === undefined)
          throw new RegexpSyntaxError(`no group is called '${node.name}'`, node.at)
        if (within.includes(group))
          throw new RegexpSyntaxError(`the group '${node.name}' calls itself, which is not supported`, node.at)
        return { kind: 'capture', group, body: replace(body, [...within, group]) }
      }
      case 'capture':
        return { ...node, body: replace(node.body, [...within, node.group]) }
      case 'sequence':
        return { ...node, parts: node.parts.map((part) => replace(part, within)) }
      case 'either':
        return { ...node, options: node.options.map((option) => replace(option, within)) }
      case 'repeat':
      case 'atomic':
      case 'look':
        return { ...node, body: replace(node.body, within) }
      case 'condition':
        return { ...node, yes: replace(node.yes, within), no: replace(node.no, within) }
      default:
        return node
    }
  }
}

/** The bodies of all groups; whether there is any call. */
function collect(node: RegexpNode, bodies: Map<number, RegexpNode>): boolean {
  switch (node.kind) {
    case 'call':
      return true
    case 'capture':
      bodies.set(node.group, node.body)
      return collect(node.body, bodies)
    case 'sequence':
      return node.parts.map((part) => collect(part, bodies)).includes(true)
    case 'either':
      return node.options.map((option) => collect(option, bodies)).includes(true)
    case 'repeat':
    case 'atomic':
    case 'look':
      return collect(node.body, bodies)
    case 'condition':
      return [collect(node.yes, bodies), collect(node.no, bodies)].includes(true)
    default:
      return false
  }
}
