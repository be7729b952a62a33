import { Tabs } from 'radix-ui'
import { CopyButton } from './copy-button.tsx'
import './code-block.css'
import './tab-row.css'

export interface Snippet {
  readonly title: string
  readonly text: string
}

/** Ways to do one thing, as tabs; Copy stands beside the tabs, never over the text. */
export function CodeBlock({ snippets, name }: { readonly snippets: readonly Snippet[]; readonly name: string }) {
  const [first] = snippets
  return (
    <Tabs.Root defaultValue={first?.title ?? ''}>
      <div className="tab-row code-tabs small">
        <Tabs.List className="tabs" aria-label={name}>
          {snippets.map(({ title }) => (
            <Tabs.Trigger key={title} value={title} className="tab">
              {title}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
      </div>
      {snippets.map(({ title, text }) => (
        <Tabs.Content key={title} value={title} className="code-block" tabIndex={-1}>
          <div className="code-copy">
            <CopyButton text={text} />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls sideways must be reachable by keyboard */}
          <pre tabIndex={0}>{text}</pre>
        </Tabs.Content>
      ))}
    </Tabs.Root>
  )
}
