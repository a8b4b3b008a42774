using Caravan.Network;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;

namespace Caravan.Stock.Connect;

/// <summary>What became of going live.</summary>
public abstract record WentLive
{
    private WentLive()
    {
    }

    /// <summary>The feed is there and its first document is taken; waiting: the breaker has stopped that.</summary>
    public sealed record Live(FeedId Feed, FeedDocumentId? Document, bool IsWaiting) : WentLive;

    /// <summary>It is not; <paramref name="Pointer"/> names what is to be mended.</summary>
    public sealed record Refused(string Pointer, string Why) : WentLive;
}

/// <summary>
/// Connects a stock system step by step: a file is looked at, what was guessed of it is put right, its codes are mapped, a dry run shows
/// what would happen, and it goes live. All of it is kept in the store, so that whoever does it may come back, also after a restart.
/// </summary>
public sealed class ConnectionDesk
{
    /// <summary>The most that the first file of a feed may hold, in bytes; later ones may hold more.</summary>
    public const int FileBytesMax = 64 * 1024 * 1024;

    private const int ConnectionsMax = 50;
    private const int FeedsMax = 100;
    private const int MappingsMax = 20_000;
    private static readonly string[] Delimiters = ["comma", "semicolon", "tab", "pipe"];
    private readonly Store store;
    private readonly ConnectionReading reading;
    private readonly FeedIntake intake;
    private readonly FeedSlices slices;
    private readonly FeedWake wake;
    private readonly NetworkMap map;
    private readonly TimeProvider clock;

    internal ConnectionDesk(Store store, ConnectionReading reading, FeedIntake intake, FeedSlices slices, FeedWake wake, NetworkMap map, TimeProvider clock)
    {
        (this.store, this.reading, this.intake, this.slices) = (store, reading, intake, slices);
        (this.wake, this.map, this.clock) = (wake, map, clock);
    }

    /// <summary>The encodings that may be chosen, and how people call them.</summary>
    public static IReadOnlyList<(string Name, string Words)> Encodings => FeedEncodings.Known;

    /// <summary>Begins with a file; a fault says why not.</summary>
    public async Task<(FeedConnectionId? Id, string? Fault)> BeginAsync(PartnerId owner, string? name, string? fileName, byte[] bytes, CancellationToken cancel)
    {
        if (bytes.Length == 0 || bytes.All(one => one is 0 or (byte)' ' or (byte)'\n' or (byte)'\r'))
            return (null, "The file is empty.");
        if (bytes.Length > FileBytesMax)
            return (null, $"The file is larger than {FileBytesMax / 1024 / 1024} MB. Begin with a part of it; once the feed is live, whole files may be larger.");
        if (bytes is [0x50, 0x4B, 0x03, 0x04, ..] or [0xD0, 0xCF, 0x11, 0xE0, ..])
            return (null, "This is an Excel workbook. In Excel, choose File, Save as, and the type CSV UTF-8; mark columns of barcodes as text first.");

        var now = clock.GetUtcNow();
        var file = Path.GetFileName(fileName) is { Length: > 0 } given ? given : "pasted.csv";
        var called = string.IsNullOrWhiteSpace(name) ? Path.GetFileNameWithoutExtension(file) : name.Trim();
        var kept = new KeptConnection { Tenant = owner, Id = FeedConnectionId.New(now), Name = Plain(called, 100), FileName = Plain(file, 200), AsOf = now, MadeAt = now };
        return await store.WriteAsync(
            async tx =>
            {
                if (await ConnectionStore.CountAsync(tx, owner) >= ConnectionsMax)
                    return ((FeedConnectionId?)null, (string?)$"{ConnectionsMax} feeds are on their way already. Finish some, or give them up.");

                await ConnectionStore.AddAsync(tx, kept, bytes);
                return (kept.Id, null);
            },
            cancel);
    }

    /// <summary>A feed on its way, with its guesses, codes and dry run.</summary>
    public Task<Connection?> FindAsync(PartnerId owner, FeedConnectionId id, CancellationToken cancel) => store.ReadAsync(
        async db => await ConnectionStore.FindAsync(db, owner, id) is { } kept
            ? (await reading.ReadAsync(db, kept, await ConnectionStore.FileAsync(db, owner, id), withDryRun: true, cancel)).Shown
            : null,
        cancel);

    /// <summary>All of a company's, the newest first.</summary>
    public Task<IReadOnlyList<ConnectionEntry>> ListAsync(PartnerId owner, CancellationToken cancel) =>
        store.ReadAsync<IReadOnlyList<ConnectionEntry>>(async db => await ConnectionStore.ListAsync(db, owner, ConnectionsMax), cancel);

    /// <summary>The places where a company may hold stock, for a choice.</summary>
    public async Task<IReadOnlyList<Location>> PlacesAsync(PartnerId owner, FeedConnectionId id, CancellationToken cancel) =>
        await store.ReadAsync<IReadOnlyList<Location>>(
            async db => await ConnectionStore.FindAsync(db, owner, id) is { } kept ? (await reading.ReadAsync(db, kept, await ConnectionStore.FileAsync(db, owner, id), withDryRun: false, cancel)).Places : [],
            cancel);

    /// <summary>Puts guesses right and maps codes; the faults by the names of their fields, null when there is no such connection.</summary>
    public async Task<IReadOnlyList<Fault>?> ChooseAsync(PartnerId owner, FeedConnectionId id, ConnectionChoices more, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(more);
        var check = new Check();
        Check(check, more);
        if (await store.ReadAsync(async db => await ConnectionStore.FindAsync(db, owner, id) is { } found ? (found, File: await ConnectionStore.FileAsync(db, owner, id)) : default, cancel) is not { found: { } kept, File: { } file })
            return null;
        if (kept.Feed is not null)
            check.That(false, "#", "This feed is live. Change its settings and mappings there.");
        if (check.Failed)
            return check.Faults;

        var merged = kept with { Choices = kept.Choices.With(more), Name = more.Name?.Trim() ?? kept.Name };
        await store.ReadAsync(
            async db =>
            {
                var read = await reading.ReadAsync(db, merged, file, withDryRun: false, cancel);
                foreach (var (pointer, column) in new[] { ("#/locationColumn", more.LocationColumn), ("#/itemColumn", more.ItemColumn), ("#/quantityColumn", more.QuantityColumn) })
                    check.That(column is null or "" || read.Shown.Header.Contains(column, StringComparer.OrdinalIgnoreCase), pointer, $"No column is called '{column}'. The header reads: {string.Join(" | ", read.Shown.Header.Take(20))}.");
                check.That(more.FixedLocation is null or "" || read.Places.Any(place => place.Code == more.FixedLocation), "#/fixedLocation", $"'{more.FixedLocation}' is not the code of a location where you hold stock.");
                foreach (var (code, target) in more.Locations ?? new Dictionary<string, string>())
                    check.That(target.Length == 0 || read.Locations.ContainsKey(code), $"#/locations/{code}", $"'{target}' is not the code of a location where you hold stock.");
                foreach (var (code, target) in more.Items ?? new Dictionary<string, string>())
                    check.That(target.Length == 0 || read.Items.ContainsKey(code), $"#/items/{code}", $"No item of yours has the SKU '{target}'.");
                return true;
            },
            cancel);
        if (check.Failed)
            return check.Faults;

        await store.WriteAsync(tx => ConnectionStore.PutAsync(tx, merged), cancel);
        return [];
    }

    /// <summary>Takes every suggestion that is likely enough and stands alone; how many, null when there is no such connection.</summary>
    public async Task<(int Items, int Locations)?> AcceptAsync(PartnerId owner, FeedConnectionId id, int atLeastPercent, CancellationToken cancel)
    {
        var (kept, items, locations) = await store.ReadAsync<(KeptConnection? Kept, Dictionary<string, string>? Items, Dictionary<string, string>? Locations)>(
            async db =>
            {
                if (await ConnectionStore.FindAsync(db, owner, id) is not { } found)
                    return (null, null, null);

                var read = await reading.ReadAsync(db, found, await ConnectionStore.FileAsync(db, owner, id), withDryRun: false, cancel);
                if (read.Known is null)
                    return (found, null, null);

                var (items, locations) = await reading.UnknownAsync(db, read, MappingsMax);
                return (found, Likely(items), Likely(locations));
            },
            cancel);
        if (kept is null)
            return null;
        if (items is null || locations is null || kept.Feed is not null)
            return (0, 0);

        await store.WriteAsync(tx => ConnectionStore.PutAsync(tx, kept with { Choices = kept.Choices.With(new ConnectionChoices { Items = items, Locations = locations }) }), cancel);
        return (items.Count, locations.Count);

        static bool IsClear(UnknownCode one, int percent) => one.Suggestions.Count > 0 && one.Suggestions[0].Percent >= percent && (one.Suggestions.Count == 1 || one.Suggestions[1].Percent < one.Suggestions[0].Percent);

        Dictionary<string, string> Likely(ConnectionCodes codes) => codes.Unknown
            .Where(one => IsClear(one, atLeastPercent))
            .ToDictionary(one => one.Code, one => one.Suggestions[0].Target, StringComparer.Ordinal);
    }

    /// <summary>Makes the feed, with its mappings and its way of writing, and takes the file as its first snapshot; null when there is no such connection.</summary>
    public async Task<WentLive?> GoLiveAsync(PartnerId owner, FeedConnectionId id, bool acceptsBreaker, CancellationToken cancel)
    {
        var (kept, read) = await store.ReadAsync(
            async db => await ConnectionStore.FindAsync(db, owner, id) is { } found ? (found, await reading.ReadAsync(db, found, await ConnectionStore.FileAsync(db, owner, id), withDryRun: false, cancel)) : default, cancel);
        if (kept is null)
            return null;
        if (kept is { Feed: { } already, Document: not null })
            return new WentLive.Live(already, kept.Document, false);
        if (read is not { File: { } file, Format: { } format })
            return new WentLive.Refused("#", read.Shown.Fault ?? "The file cannot be read yet.");

        var check = new Check();
        FeedDocumentEndpoints.CheckTimes(check, read.AsOf, null, clock.GetUtcNow());
        if (check.Failed)
            return new WentLive.Refused("#/asOf", check.Faults[0].Detail);

        var feed = read.Feed;
        if (kept.Feed is null)
        {
            feed = feed with { Id = FeedId.New(clock.GetUtcNow()) };
            if (await MakeAsync(kept, feed, format, read, cancel) is { } refused)
                return refused;
            kept = kept with { Feed = feed.Id };
        }

        return await TakeAsync(kept, feed, read, file, acceptsBreaker, cancel);
    }

    /// <summary>Gives one up; false when there is none.</summary>
    public async Task<bool> ForgetAsync(PartnerId owner, FeedConnectionId id, CancellationToken cancel) =>
        await store.WriteAsync(tx => ConnectionStore.ForgetAsync(tx, owner, id), cancel) > 0;

    private Task<WentLive?> MakeAsync(KeptConnection kept, Feed feed, FeedFormat format, ReadConnection read, CancellationToken cancel) => store.WriteAsync<WentLive?>(
        async tx =>
        {
            var feeds = await FeedStore.AllAsync(tx, kept.Tenant);
            if (feeds.Exists(one => one.Name == feed.Name))
                return new WentLive.Refused("#/name", $"A feed of yours is called '{feed.Name}' already. Give this one another name.");
            if (feeds.Count >= FeedsMax)
                return new WentLive.Refused("#", $"A company has at most {FeedsMax} feeds.");

            await FeedStore.PutAsync(tx, feed with { State = FeedState.Live });
            await FeedStore.MapAsync(tx, feed, "Item", [.. read.Items.Select(one => (one.Key, one.Value))]);
            await FeedStore.MapAsync(tx, feed, "Location", [.. read.Locations.Select(one => (one.Key, one.Value))]);
            await FeedFormatStore.PutAsync(tx, kept.Tenant, feed.Id, format);
            await ConnectionStore.PutAsync(tx, kept with { Feed = feed.Id });
            return null;
        },
        cancel);

    // The feed is there; were we stopped in here, going live once more goes on from here.
    private async Task<WentLive> TakeAsync(KeptConnection kept, Feed feed, ReadConnection read, FeedFile file, bool acceptsBreaker, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        var draft = new FeedDraft(DocumentKind.Snapshot, read.AsOf, null, new FeedScope(), file.Lines);
        FeedUpload? upload = null;
        FeedJudgement? judged = null;
        if (file.Lines.Count > FeedUpload.PartLines)
        {
            upload = new FeedUpload(store, kept.Tenant, feed.Id, clock);
            foreach (var line in file.Lines)
                await upload.AddAsync(line, cancel);
            judged = await slices.JudgeAsync(feed, await upload.EndAsync(draft.Kind, draft.AsOf, null, draft.Scope, cancel), cancel);
        }

        var receipt = await store.WriteAsync(
            async tx =>
            {
                var known = await FeedStore.FindAsync(tx, kept.Tenant, feed.Id) ?? feed;
                var outcome = upload is null ? await intake.TakeAsync(tx, network, known, draft, _ => { }) : await slices.BeginAsync(tx, network, known, upload.Stored, judged!, _ => { }); // Judged with the upload.
                if (outcome.Answer?.Value is not FeedReceipt { Document: { } document } taken)
                    return null;

                if (taken.Outcome == DocumentOutcome.Waiting && acceptsBreaker)
                    taken = (await intake.AcceptAsync(tx, network, known, document)).Answer?.Value as FeedReceipt ?? taken;
                await ConnectionStore.PutAsync(tx, kept with { Document = document.Id });
                return taken;
            },
            cancel);
        if (receipt is null)
            return new WentLive.Refused("#", "The feed is made, and its first snapshot could not be taken. Go live once more, or look at the feed.");

        if (receipt.Outcome == DocumentOutcome.Applying)
        {
            if (upload!.Stored.Lines <= FeedDraft.LinesMax) // Only what was uploaded is applied by slices.
                await slices.ApplyAsync(kept.Tenant, upload.Stored.Document, judged, null, cancel);
            else
                wake.Apply(kept.Tenant, upload.Stored.Document);
        }

        return new WentLive.Live(feed.Id, receipt.Document?.Id, receipt.Outcome == DocumentOutcome.Waiting);
    }

    private static void Check(Check check, ConnectionChoices more)
    {
        check.Text(more.Name, "#/name", 100, optional: true)
            .That(more.Encoding is null || FeedEncodings.Known.Any(one => one.Name == more.Encoding), "#/encoding", $"Say one of {string.Join(", ", FeedEncodings.Known.Select(one => one.Name))}.")
            .That(more.Delimiter is null || Delimiters.Contains(more.Delimiter), "#/delimiter", $"Say one of {string.Join(", ", Delimiters)}.")
            .That(more.HeaderLine is null or (>= 1 and <= 1000), "#/headerLine", "Give a line from 1 to 1000.")
            .That(more.Decimals is null or "plain" or "comma" or "point", "#/decimals", "Say plain, comma or point.")
            .That(more.ItemCodes is null or "gtin" or "sku", "#/itemCodes", "Say gtin or sku.")
            .That(more.Meaning is null or "onHand" or "available", "#/meaning", "Say onHand or available.")
            .That((more.Items?.Count ?? 0) + (more.Locations?.Count ?? 0) <= MappingsMax, "#", $"Map at most {MappingsMax} codes at once.");
        foreach (var (pointer, mappings) in new[] { ("#/items", more.Items), ("#/locations", more.Locations) })
        {
            foreach (var (code, target) in mappings ?? new Dictionary<string, string>())
            {
                // An empty target takes a mapping back.
                check.Text(code, $"{pointer}/{Short(code)}", FeedEndpoints.LongestCode).That(target is not null, $"{pointer}/{Short(code)}", "Say what it is; an empty text takes a mapping back.");
                if (!string.IsNullOrEmpty(target))
                    check.Text(target, $"{pointer}/{Short(code)}", FeedEndpoints.LongestCode);
            }
        }
    }

    // A name comes from a file system or a form, and may hold anything.
    private static string Plain(string text, int longest) => new string([.. text.Where(c => !char.IsControl(c)).Take(longest)]) is { Length: > 0 } plain ? plain : "feed";

    private static string Short(string code) => code.Length <= 40 ? code : code[..40];
}
