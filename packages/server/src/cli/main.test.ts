import { expect, it } from 'vitest'
import { commandHelp, helpText } from './main.ts'
import { commands } from './registry.ts'

it('lists the commands', () => {
  expect(helpText(commands)).toMatchInlineSnapshot()
})

it.each(commands.map((command) => [command.name, command] as const))('tells how %s is used', (_name, command) => {
  expect(commandHelp(command)).toMatchSnapshot()
})
