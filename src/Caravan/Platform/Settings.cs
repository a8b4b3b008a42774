namespace Caravan.Platform;

/// <summary>What an operator can set, by option or environment variable (<c>--data</c> is <c>CARAVAN_DATA</c>).</summary>
public sealed record Settings
{
    /// <summary>Where everything is kept that is not in <see cref="Store"/>; made when it is not there.</summary>
    public string DataFolder { get; init; } = "caravan-data";

    /// <summary>The connection string of a PostgreSQL server; empty keeps everything in a SQLite file of the data folder.</summary>
    public string Store { get; init; } = "";

    /// <summary>Addresses to listen on, separated by semicolons.</summary>
    public string Urls { get; init; } = "http://localhost:5080";

    /// <summary>The address by which others reach it, such as <c>https://caravan.example</c>; empty: the one that they asked.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>Whether an empty data folder is filled with the demo network, and its couriers and pickers are simulated.</summary>
    public bool IsDemo { get; init; } = true;

    /// <summary>Whether simulated couriers and pickers move in demo mode.</summary>
    public bool IsSimulated { get; init; } = true;

    /// <summary>The largest request body, in bytes.</summary>
    public long BodyBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>How many requests a second a company may send to this server, where its plan says nothing else; 0: no limit.</summary>
    public int RateLimit { get; init; }

    /// <summary>How many orders may share a commit. One makes every order wait for the disk alone; it is there for comparison.</summary>
    public int OrdersPerCommit { get; init; } = 1_024;

    /// <summary>What opens <c>GET /metrics</c>; empty: it is not there.</summary>
    public string MetricsKey { get; init; } = "";

    /// <summary>Whether the log is one JSON object a line, for programs, instead of text for people.</summary>
    public bool IsLogJson { get; init; }

    /// <summary>A statement that takes so many milliseconds is named in the log; 0 names none.</summary>
    public int SlowQueryMs { get; init; } = 200;

    /// <summary>For how many seconds a server that was told to stop still takes requests, while it says that it is not ready.</summary>
    public int DrainSeconds { get; init; }

    /// <summary>For how many days events are kept that everybody has had.</summary>
    public int KeepEventsDays { get; init; } = 7;

    /// <summary>How many days of the ledger are open; older ones are closed, and their sums carried forward.</summary>
    public int LedgerOpenDays { get; init; } = 2;

    /// <summary>After how many days closed movements of orders and feeds are forgotten; 0: never.</summary>
    public int LedgerKeptDays { get; init; } = 400;

    /// <summary>Where partners' EDI files are dropped and answers are laid; empty: nowhere.</summary>
    public string EdiFolder { get; init; } = "";

    /// <summary>Whether people come by HTTPS, also where a proxy ends it and comes to us without.</summary>
    internal bool IsPublicSecure => PublicUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    internal string DatabaseFile => Path.Combine(DataFolder, "caravan.db");
}
