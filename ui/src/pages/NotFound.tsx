import { Empty } from '../parts/Notes';
import { useTitle } from '../state/title';

export function NotFound() {
  useTitle('Not found');
  return (
    <div class="page">
      <Empty title="There is nothing here">
        <p>The address may be mistyped, or what it named is gone. <a href="/">All projects</a></p>
      </Empty>
    </div>
  );
}
