import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import './dialog.css'

interface DialogProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly title: string
  readonly children: ReactNode
  readonly wide?: boolean
}

/** A dialog, only to type something or for what cannot be undone. */
export function Dialog({ open, onOpenChange, title, children, wide = false }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-shade" />
        <Radix.Content className={`dialog ${wide ? 'wide' : ''}`} aria-describedby={undefined}>
          <div className="dialog-head">
            <Radix.Title asChild>
              <h2 className="lead">{title}</h2>
            </Radix.Title>
            <Radix.Close className="button bare square end" aria-label="Close">
              <X className="icon" aria-hidden />
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
