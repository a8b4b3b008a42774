using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Storage;

namespace Caravan.Edi;

/// <summary>
/// The drop folder: <c>FOLDER/company/in</c> is looked through every second. A file is complete when its name has no leading dot and
/// does not end in <c>.tmp</c> or <c>.part</c>, and its size and time are what they were a second ago. What became of it is
/// laid beside it in <c>done</c> or <c>failed</c>: answers first, the file itself last, so that a server that dies in between
/// finds it in <c>in</c> again, and taking it again brings the same answers. What we send unasked goes to <c>out</c>.
/// </summary>
internal sealed partial class EdiFolder(Store store, Settings settings, PartnerBook partners, EdiDesk desk, EdiBook book, ILogger<EdiFolder> log) : BackgroundService
{
    private const int FilesAtOnce = 100;
    private const int SentAtOnce = 200;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, (long Length, DateTime WrittenAt)> seen = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.EdiFolder.Length == 0)
            return;

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Trouble with the disk or the store must not end the watch: it is logged, and looked again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailure(exception);
            }

            await Task.Delay(Tick, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks once; how many files were taken.</summary>
    internal async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        var taken = 0;
        foreach (var company in await store.ReadAsync(partners.AllAsync, cancel))
        {
            var place = Path.Combine(settings.EdiFolder, company.Slug);
            if (!Directory.Exists(place))
                continue;

            foreach (var name in (string[])["in", "done", "failed", "out"])
                Directory.CreateDirectory(Path.Combine(place, name));
            foreach (var file in Directory.EnumerateFiles(Path.Combine(place, "in")).Order(StringComparer.Ordinal).Take(FilesAtOnce))
            {
                if (IsComplete(file))
                    taken += await TakeAsync(company.Id, place, file, cancel) ? 1 : 0;
            }

            await SendAsync(company.Id, Path.Combine(place, "out"), cancel);
        }

        return taken;
    }

    private bool IsComplete(string file)
    {
        var name = Path.GetFileName(file);
        if (name.StartsWith('.') || name.EndsWith(".tmp", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".part", StringComparison.OrdinalIgnoreCase))
            return false;

        var info = new FileInfo(file);
        if (!info.Exists)
            return false;

        var now = (info.Length, info.LastWriteTimeUtc);
        var isStill = seen.TryGetValue(file, out var before) && before == now;
        seen[file] = now;
        return isStill;
    }

    private async Task<bool> TakeAsync(PartnerId company, string place, string file, CancellationToken cancel)
    {
        var name = Path.GetFileName(file);
        if (new FileInfo(file).Length > settings.BodyBytesMax)
        {
            await EndAsync("failed", [($"{name}.txt", System.Text.Encoding.UTF8.GetBytes($"The file is larger than {settings.BodyBytesMax} bytes (--body-bytes-max).\n"))]);
            return true;
        }

        switch (await desk.TakeAsync(company, await File.ReadAllBytesAsync(file, cancel), cancel))
        {
            case EdiTaken.Refused refused:
                await EndAsync("failed", [($"{name}.txt", System.Text.Encoding.UTF8.GetBytes(refused.Why + "\n"))]);
                break;
            case EdiTaken.Kept kept:
                var isFailed = false;
                List<(string, byte[])> answers = [];
                foreach (var id in kept.Interchanges)
                {
                    var story = await store.ReadAsync(db => book.FindAsync(db, company, id), cancel);
                    isFailed |= story!.Interchange.State == InterchangeState.Rejected; // Kept just now.
                    answers.AddRange(story.Answers.Select(answer => ($"{name}.{answer.Interchange.ControlNumber}.edi", answer.Raw)));
                }

                await EndAsync(isFailed ? "failed" : "done", answers);
                break;
        }

        return true;

        async Task EndAsync(string where, IReadOnlyList<(string Name, byte[] Bytes)> beside)
        {
            foreach (var (answer, bytes) in beside)
                await WriteAsync(Path.Combine(place, where, answer), bytes, cancel);
            seen.Remove(file);
            File.Move(file, Free(Path.Combine(place, where, name)));
        }
    }

    // What nobody asked for: despatch advices, shipping orders. The file's name is the interchange's id, so that a second try changes nothing.
    private async Task SendAsync(PartnerId company, string folder, CancellationToken cancel)
    {
        var unasked = (await store.ReadAsync(db => EdiStore.ListAsync(db, company, null, isOut: true, SentAtOnce), cancel)).Where(kept => kept is { AnswersTo: null, State: InterchangeState.Sent });
        foreach (var kept in unasked)
        {
            var file = Path.Combine(folder, $"{kept.Id}.edi");
            var sent = Path.Combine(folder, ".sent", kept.Id.ToString());
            if (File.Exists(file) || File.Exists(sent))
                continue;

            await WriteAsync(file, await store.ReadAsync(db => EdiStore.RawAsync(db, company, kept.Id), cancel) ?? [], cancel);
            Directory.CreateDirectory(Path.Combine(folder, ".sent"));
            await File.WriteAllBytesAsync(sent, [], cancel); // Whoever fetches the file may delete it: this says that it was there.
        }
    }

    private static async Task WriteAsync(string file, byte[] bytes, CancellationToken cancel)
    {
        var half = $"{file}.part";
        await using (var stream = new FileStream(half, FileMode.Create, FileAccess.Write))
        {
            await stream.WriteAsync(bytes, cancel);
            stream.Flush(flushToDisk: true);
        }

        File.Move(half, file, overwrite: true);
    }

    private static string Free(string file)
    {
        var free = file;
        for (var i = 2; File.Exists(free); i++)
            free = $"{file}.{i}";
        return free;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The EDI folder could not be worked through; it is looked at again in a second.")]
    private partial void LogFailure(Exception exception);
}
