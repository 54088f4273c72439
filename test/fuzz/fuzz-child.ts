import { serve } from './child.ts';
import { targets } from './targets.ts';

serve(targets);
