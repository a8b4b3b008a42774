using Caravan;

return await Verbs.RunAsync(args);
