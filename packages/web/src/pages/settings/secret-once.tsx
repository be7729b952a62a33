import type { ReactNode } from 'react'
import { CopyButton } from '../../ui/copy-button.tsx'

/** A secret that is shown once, with what it is good for. */
export function SecretOnce({
  title,
  secret,
  children,
}: {
  readonly title: string
  readonly secret: string
  readonly children?: ReactNode
}) {
  return (
    <div className="secret-once" role="status">
      <p>
        <span className="label">{title}</span>{' '}
        <span className="second">It is shown only now: keep it where you keep passwords.</span>
      </p>
      <p className="row wrap">
        <code className="chip">
          <b>{secret}</b>
        </code>
        <CopyButton text={secret} />
      </p>
      {children}
    </div>
  )
}
