// These tests need nothing but Node, and run in `npm test` too, with fewer files.
import '../support/ten-thousand-files';
import '../programs/node-agent/property.test';
