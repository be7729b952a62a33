import { Dialog } from '../ui/dialog.tsx'
import { useShell } from './shell-state.ts'
import { keyTable } from './shortcuts.ts'

export function KeysDialog() {
  const { overlay, open } = useShell()
  return (
    <Dialog open={overlay === 'keys'} onOpenChange={(isOpen) => open(isOpen ? 'keys' : undefined)} title="Keyboard">
      <dl className="facts left">
        {keyTable.map(({ keys, does }) => (
          <div key={does} style={{ display: 'contents' }}>
            <dt className="row">
              {keys.map((key) => (
                <kbd key={key} className="kbd">
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
