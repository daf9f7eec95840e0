/** Imported first: the property tests then take more than ten thousand random files. */
process.env['RANDOM_FILES'] = '5100';

export {};
