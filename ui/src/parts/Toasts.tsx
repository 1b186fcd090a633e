import { dismiss, hold, release, toasts, type Toast } from '../state/toasts';
import { Button } from './Button';
import './Toasts.css';

function ToastBox({ toast }: { toast: Toast }) {
  const { id, tone, content, action, link } = toast;
  return (
    <li class={`toast toast-${tone}`} onPointerEnter={() => hold(id)} onPointerLeave={() => release(id)}
      onFocusCapture={() => hold(id)} onBlurCapture={() => release(id)}>
      {link ? <a class="toast-body" href={link} onClick={() => dismiss(id)}>{content}</a>
        : <div class="toast-body">{content}</div>}
      {action && (
        <Button onClick={() => { dismiss(id); action.run(); }}>{action.label}</Button>
      )}
      <Button look="quiet" icon="close" label="Dismiss" onClick={() => dismiss(id)} />
    </li>
  );
}

export function Toasts() {
  return (
    <section class="toasts" aria-label="Messages">
      <ol aria-live="polite" aria-relevant="additions">
        {toasts.value.map((toast) => <ToastBox key={toast.id} toast={toast} />)}
      </ol>
    </section>
  );
}
