import { expect, it } from 'vitest'
import { commandHelp, helpText } from './program.ts'
import { commands } from './registry.ts'

it('lists the commands', () => {
  expect(helpText(commands)).toMatchInlineSnapshot(`
    "Usage: tidewatch COMMAND

      serve               Start the server
      check               Check a configuration without starting anything
      check rules         Check rule files: form, expressions, templates, rules that stand there twice
      check metrics       Check a metrics page, from standard input, for mistakes and odd names
      check alertmanager  Check alertmanager.yml as amtool does, and whether all of its receivers can be reached from here
      test rules          Run unit tests of rules, in the files that promtool takes
      template render     Render a template of notifications, as amtool template render does
      query               Ask PromQL of a running server
      logs                Search logs of a running server, or follow them
      logs archive        Archived days of logs: list them, read one, restore it, drop it again
      import prometheus   Say what of a Prometheus's directory will work here; bring the past of a running Prometheus along
      rules backfill      Write what recording rules would have written in the past
      rules packs         Ready packs of rules: list them, show one, switch it on or off
      alerts ack          Take alerts: no repeats and no escalation until they end
      alerts backtest     Run rules, routes, silences and schedules over the past: how many pages, when, to whom
      alerts why          Why an alert did fire, or why a rule did not: its query then, what held it back, who was told
      notify test         Send a test message through the channels of a running server
      notify log          What a running server has sent to whom, and what the receivers answered
      oncall who          Who is on call now, until when, and who comes next
      drill run           A fire drill now: an alert goes the whole way, and somebody has to take it
      pipeline test       Run sample lines through a pipeline file, as Logstash writes it or as YAML, and show or check what comes out
      redact              Show what would be taken out of lines of logs before they are stored, without storing anything
      push                Send values of metrics to a running server
      push metrics        Send metrics pages, as targets answer them, to a running server by remote write
      user                List and add users; make a new sign-in link
      token               List, make and revoke API tokens and ingest keys
      state               Back up and restore users, tokens and everything else that changes
      version             Print the version

    tidewatch COMMAND --help tells more of one."
  `)
})

it.each(commands.map((command) => [command.name, command] as const))('tells how %s is used', (_name, command) => {
  expect(commandHelp(command)).toMatchSnapshot()
})
