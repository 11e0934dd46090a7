import { createNetworkService } from '../platform/browser/network-service.ts';
import { serve } from '../platform/rpc.ts';

serve(createNetworkService(new URL(`${import.meta.env.BASE_URL}models/`, self.location.origin).href));
