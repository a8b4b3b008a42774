using System.CommandLine;
using Caravan.Demo.Import;
using Caravan.Edi;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Access.Limits;
using Caravan.Platform.Storage;
using Caravan.Platform.Storage.Backup;
using Caravan.Routing;
using Caravan.Shadow;
using Caravan.Stock;

namespace Caravan;

/// <summary>The verbs of the command line. Every setting is an option and an environment variable.</summary>
internal static class Verbs
{
    internal static readonly Option<string> Data = new("--data")
    {
        Description = "Folder where everything is kept; made when it is not there. [env: CARAVAN_DATA]",
        DefaultValueFactory = _ => Environment("CARAVAN_DATA", "caravan-data"),
        Recursive = true,
    };

    internal static readonly Option<string> Store = new("--store")
    {
        Description = "PostgreSQL to keep everything in: \"Host=127.0.0.1;Port=5432;Username=caravan;Database=caravan\". Left out: a SQLite file in the data folder. [env: CARAVAN_STORE]",
        DefaultValueFactory = _ => Environment("CARAVAN_STORE", ""),
        Recursive = true,
    };

    private static readonly Option<string> Urls = new("--urls")
    {
        Description = "Addresses to listen on, separated by semicolons. [env: CARAVAN_URLS]",
        DefaultValueFactory = _ => Environment("CARAVAN_URLS", "http://localhost:5080"),
    };

    private static readonly Option<string> PublicUrl = new("--public-url")
    {
        Description = "The address by which others reach this Caravan, such as https://caravan.example: access tokens name it. Left out: the address that was asked. [env: CARAVAN_PUBLIC_URL]",
        DefaultValueFactory = _ => Environment("CARAVAN_PUBLIC_URL", ""),
    };

    private static readonly Option<string> Demo = OnOff("--demo", "CARAVAN_DEMO", "Fill an empty data folder with the demo network: six cities, two companies and a rider fleet.");
    private static readonly Option<string> Simulate = OnOff("--simulate", "CARAVAN_SIMULATE", "In the demo network, let programs play couriers and pickers (they are marked as simulated).");

    private static readonly Option<string> MetricsKey = new("--metrics-key")
    {
        Description = "Opens GET /metrics (Prometheus text) to whoever sends it as a bearer token; left out, there is no such page. Better given by the environment, for others see a command line. [env: CARAVAN_METRICS_KEY]",
        DefaultValueFactory = _ => Environment("CARAVAN_METRICS_KEY", ""),
    };

    private static readonly Option<string> Log = OneOf("--log", "CARAVAN_LOG", "What the log is: text for people, or json, one object a line with trace id and tenant.", "text", "json");
    private static readonly Option<int> SlowQueryMs = Number("--slow-query-ms", "CARAVAN_SLOW_QUERY_MS", "Log every statement that takes so many milliseconds, without its values, and where it came from; 0 logs none.", new Settings().SlowQueryMs, least: 0);
    private static readonly Option<int> KeepEventsDays = Number("--keep-events-days", "CARAVAN_KEEP_EVENTS_DAYS", "Keep events that everybody has had for so many days.", new Settings().KeepEventsDays, least: 1);
    private static readonly Option<int> DrainSeconds = Number("--drain-seconds", "CARAVAN_DRAIN_SECONDS", "After SIGTERM, go on serving for so long while /health/ready says 503, so that a balancer takes this server out first.", new Settings().DrainSeconds, least: 0);

    private static readonly Option<long> BodyBytesMax = new("--body-bytes-max")
    {
        Description = "Largest request body in bytes. [env: CARAVAN_BODY_BYTES_MAX]",
        DefaultValueFactory = result => long.TryParse(Environment("CARAVAN_BODY_BYTES_MAX", ""), out var bytes) ? bytes : new Settings().BodyBytesMax,
    };

    private static readonly Option<int> OrdersPerCommit = new("--orders-per-commit")
    {
        Description = "How many orders may share a commit; 1 makes each wait for the disk alone, for comparison. [env: CARAVAN_ORDERS_PER_COMMIT]",
        DefaultValueFactory = result => int.TryParse(Environment("CARAVAN_ORDERS_PER_COMMIT", ""), out var orders) ? orders : new Settings().OrdersPerCommit,
    };

    private static readonly Option<int> RateLimit = Number("--rate-limit", "CARAVAN_RATE_LIMIT", "How many requests a second a company may send to a server, twice as many at once, where `partner limit` says nothing else; 0: as many as it likes.", new Settings().RateLimit, least: 0);
    private static readonly Option<int> LedgerOpenDays = Number("--ledger-open-days", "CARAVAN_LEDGER_OPEN_DAYS", "How many days of the stock ledger are open; older ones are closed and their sums carried forward.", new Settings().LedgerOpenDays, least: 1);
    private static readonly Option<int> LedgerKeptDays = Number("--ledger-kept-days", "CARAVAN_LEDGER_KEPT_DAYS", "After how many days closed movements of orders and feeds are forgotten; 0 keeps them.", new Settings().LedgerKeptDays, least: 0);

    private static readonly Option<string> EdiFolder = new("--edi-folder")
    {
        Description = "Folder where EDI files are dropped, FOLDER/company/in, and answers are laid. Left out: EDI comes by HTTP alone. [env: CARAVAN_EDI_FOLDER]",
        DefaultValueFactory = _ => Environment("CARAVAN_EDI_FOLDER", ""),
    };

    // What has been taken on is finished first, within the host's own patience: answers under way, and the writer's last commit.
    private static readonly TimeSpan StopPatience = TimeSpan.FromHours(1);

    public static Task<int> RunAsync(string[] args) => Root().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = StopPatience });

    /// <summary>All verbs and settings, as --help tells of them.</summary>
    internal static RootCommand Root()
    {
        var root = new RootCommand(
            """
            Caravan: a retail supply chain you run yourself. Plug in the stock of several companies; every order is promised,
            sourced from the closest shelf, and carried to the door.

            Without a verb it serves: pages and API on one address. First start makes the data folder, seeds the demo network
            and prints the addresses, a key for each company and a ready-made curl line. Stop it with Ctrl-C.
            """)
        {
            Data,
            Store,
            Urls,
            PublicUrl,
            Demo,
            Simulate,
            BodyBytesMax,
            OrdersPerCommit,
            RateLimit,
            MetricsKey,
            Log,
            SlowQueryMs,
            DrainSeconds,
            KeepEventsDays,
            LedgerOpenDays,
            LedgerKeptDays,
            EdiFolder,
        };
        root.SetAction((parsed, cancel) => ReachingAsync(() => ServeAsync(parsed, cancel)));
        root.Add(AddPartner());
        root.Add(ImportVerbs.Create(Data, Store));
        root.Add(ShadowVerbs.Create());
        root.Add(StoreVerbs.Create());
        root.Add(FigureVerbs.Create());
        root.Add(RouteVerb.Create());
        root.Add(new Command("feed", "Stock feeds: see what a file would do, and connect a stock system.") { FeedVerbs.Create(), Stock.Connect.ConnectVerb.Create() });
        root.Add(EdiVerbs.Create());
        return root;
    }

    private static async Task<int> ServeAsync(ParseResult parsed, CancellationToken cancel)
    {
        var settings = new Settings
        {
            DataFolder = parsed.GetValue(Data)!, // These options have defaults.
            Store = parsed.GetValue(Store)!,
            Urls = parsed.GetValue(Urls)!,
            PublicUrl = parsed.GetValue(PublicUrl)!, // As above.
            IsDemo = parsed.GetValue(Demo) == "on",
            IsSimulated = parsed.GetValue(Simulate) == "on",
            BodyBytesMax = parsed.GetValue(BodyBytesMax),
            OrdersPerCommit = Math.Max(1, parsed.GetValue(OrdersPerCommit)),
            RateLimit = Math.Min(RateLimits.PerSecondMax, parsed.GetValue(RateLimit)),
            MetricsKey = parsed.GetValue(MetricsKey)!, // As above.
            IsLogJson = parsed.GetValue(Log) == "json",
            SlowQueryMs = parsed.GetValue(SlowQueryMs),
            DrainSeconds = Math.Max(0, parsed.GetValue(DrainSeconds)),
            KeepEventsDays = Math.Max(1, parsed.GetValue(KeepEventsDays)),
            LedgerOpenDays = parsed.GetValue(LedgerOpenDays),
            LedgerKeptDays = parsed.GetValue(LedgerKeptDays),
            EdiFolder = parsed.GetValue(EdiFolder)!, // As above.
        };
        await using var app = CaravanServer.Build(settings);
        await using var guard = await StoreGuard.TakeAsync(settings, isAlone: false, cancel);
        if (await StoreCopy.IsUnfinishedAsync(app.Services.GetRequiredService<Store>(), cancel))
            return await RefuseAsync("A copy into this store has begun and not ended. Give the line of `caravan store copy` again first.");

        // The demo is put in while the server starts: whoever asks first waits for it at the store's own door.
        using var preparing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var prepared = Task.Run(() => Welcome.PrepareAsync(app, preparing.Token), cancel);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException taken) when (taken.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await preparing.CancelAsync();
            await prepared.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await RefuseAsync($"Another program listens on {settings.Urls}. Stop it, or give another address with --urls http://localhost:5081.");
        }

        await prepared;
        await Welcome.SayAsync(app, settings, cancel);
        await app.WaitForShutdownAsync(cancel);
        return 0;
    }

    private static Command AddPartner()
    {
        var slug = new Argument<string>("slug") { Description = "Short name in addresses: lower case letters, digits and dashes." };
        var name = new Argument<string>("name") { Description = "The company's name." };
        var add = new Command("add", "Add a company and print its API key, which is shown this once.") { slug, name };
        add.SetAction((parsed, cancel) => ReachingAsync(async () =>
        {
            await using var app = CaravanServer.Build(new Settings { DataFolder = parsed.GetValue(Data)!, Store = parsed.GetValue(Store)!, IsDemo = false, IsSimulated = false }); // They have defaults.
            var store = app.Services.GetRequiredService<Platform.Storage.Store>();
            var key = await store.WriteAsync(async tx =>
            {
                var partner = await app.Services.GetRequiredService<PartnerBook>().AddAsync(tx, parsed.GetValue(slug)!, parsed.GetValue(name)!, isDemo: false); // Both are required.
                return await ApiKeys.CreateAsync(tx, partner.Id, "first key");
            }, cancel);
            Console.WriteLine(key);
            return 0;
        }));
        return new Command("partner", "The companies on this Caravan.") { add, AddKey(), SetLimit() };
    }

    private static Command SetLimit()
    {
        var slug = new Argument<string>("slug") { Description = "The company's short name." };
        var rate = new Argument<string>("rate") { Description = $"Requests a second, up to {RateLimits.PerSecondMax}, twice as many at once; 0: as many as it likes; default: what --rate-limit says." };
        var limit = new Command("limit", "How many requests a second a company may send to each server.") { slug, rate };
        limit.SetAction((parsed, cancel) => ReachingAsync(async () =>
        {
            int? perSecond = int.TryParse(parsed.GetValue(rate), out var number) ? number : null;
            if (perSecond is < 0 or > RateLimits.PerSecondMax || (perSecond is null && parsed.GetValue(rate) != "default"))
                return await RefuseAsync($"Give a number from 0 to {RateLimits.PerSecondMax}, or the word default.");

            await using var app = CaravanServer.Build(new Settings { DataFolder = parsed.GetValue(Data)!, Store = parsed.GetValue(Store)!, IsDemo = false, IsSimulated = false }); // They have defaults.
            return await app.Services.GetRequiredService<Platform.Storage.Store>().WriteAsync(async tx =>
            {
                if ((await app.Services.GetRequiredService<PartnerBook>().AllAsync(tx)).FirstOrDefault(one => one.Slug == parsed.GetValue(slug)) is not { } partner)
                    return false;

                await RateLimits.SetAsync(tx, partner.Id, perSecond);
                return true;
            }, cancel) ? 0 : await RefuseAsync($"There is no company '{parsed.GetValue(slug)}'. Add it with: caravan partner add SLUG NAME");
        }));
        return limit;
    }

    private static Command AddKey()
    {
        var slug = new Argument<string>("slug") { Description = "The company's short name." };
        var add = new Command("key", "Make another key that may do everything, for a company that has lost its own, and print it.") { slug };
        add.SetAction((parsed, cancel) => ReachingAsync(async () =>
        {
            await using var app = CaravanServer.Build(new Settings { DataFolder = parsed.GetValue(Data)!, Store = parsed.GetValue(Store)!, IsDemo = false, IsSimulated = false }); // They have defaults.
            var key = await app.Services.GetRequiredService<Platform.Storage.Store>().WriteAsync(async tx =>
            {
                var partner = (await app.Services.GetRequiredService<PartnerBook>().AllAsync(tx)).FirstOrDefault(one => one.Slug == parsed.GetValue(slug));
                return partner is null ? null : await ApiKeys.CreateAsync(tx, partner.Id, "operator's key");
            }, cancel);
            if (key is null)
                return await RefuseAsync($"There is no company '{parsed.GetValue(slug)}'. Add it with: caravan partner add SLUG NAME");

            Console.WriteLine(key);
            return 0;
        }));
        return add;
    }

    /// <summary>Runs a verb; what is the operator's to mend is told in a line.</summary>
    internal static async Task<int> ReachingAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception told) when (told is StoreUnreachableException or BackupDamagedException or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            await Console.Error.WriteLineAsync(told.Message);
            return 1;
        }
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync(why);
        return 1;
    }

    private static Option<string> OnOff(string name, string variable, string description) => OneOf(name, variable, $"{description} on or off.", "on", "off");

    private static Option<string> OneOf(string name, string variable, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = $"{description} [env: {variable}]", DefaultValueFactory = _ => Environment(variable, words[0]) };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    private static Option<int> Number(string name, string variable, string description, int otherwise, int least)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description} [env: {variable}]",
            DefaultValueFactory = _ => int.TryParse(Environment(variable, ""), out var number) ? number : otherwise,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) < least)
                result.AddError($"{name} is {least} or more.");
        });
        return option;
    }

    private static string Environment(string variable, string otherwise) => System.Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : otherwise;
}
