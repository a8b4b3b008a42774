using System.CommandLine;
using System.Globalization;
using Caravan.Platform;
using Caravan.Platform.Storage;
using Caravan.Platform.Storage.Backup;
using Caravan.Stock;
using Spectre.Console;

namespace Caravan;

/// <summary><c>caravan store …</c>: what an operator does with everything that is kept.</summary>
internal static class StoreVerbs
{
    public static Command Create() => new(
        "store",
        """
        Back up, restore, check, move and spread everything that is kept. Which store: --data FOLDER (SQLite) or --store "Host=…"
        (PostgreSQL), as for the server.
        """)
    {
        Backup(),
        Restore(),
        Verify(),
        Copy(),
        Distribute(),
    };

    private static Command Backup()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The file to write; an older one of that name is replaced once the new one is whole." };
        var backup = new Command("backup", "Write one moment of the store to a file, while servers use it. The file fits either store, and every part of it has a hash.") { file };
        backup.SetAction((parsed, cancel) => Verbs.ReachingAsync(async () =>
        {
            var path = parsed.GetValue(file)!.FullName; // It is required.
            await using var database = Existing(SettingsOf(parsed));
            var end = await WithProgressAsync("backing up", progress => StoreBackup.WriteAsync(database, path, TimeProvider.System.GetUtcNow(), progress, cancel));
            Say($"{end.Rows:N0} rows of {end.Tables} tables in {path} ({new FileInfo(path).Length:N0} bytes). Look it through with: caravan store verify {path}");
            return 0;
        }));
        return backup;
    }

    private static Command Restore()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A file that `caravan store backup` wrote." };
        var replace = new Option<bool>("--replace") { Description = "Throw away what is in the store now." };
        var restore = new Command("restore", "Put a backup in the place of the store: all of it, or nothing when the file is damaged. Servers must be stopped, and the store empty unless --replace is given.") { file, replace };
        restore.SetAction((parsed, cancel) => Verbs.ReachingAsync(async () =>
        {
            var path = parsed.GetValue(file)!.FullName; // It is required.
            await using var database = Of(SettingsOf(parsed));
            await using var guard = await StoreGuard.TakeAsync(SettingsOf(parsed), isAlone: true, cancel);
            database.Migrate(TimeProvider.System.GetUtcNow());
            if (!parsed.GetValue(replace) && !await StoreBackup.IsEmptyAsync(database, cancel))
                return Refuse($"{database.Place} is not empty. Restore into another place, or throw away what is there with --replace.");

            var end = await WithProgressAsync("restoring", progress => StoreBackup.RestoreAsync(database, path, TimeProvider.System.GetUtcNow(), progress, cancel));
            Say($"{end.Rows:N0} rows of {end.Tables} tables are in {database.Place}.");
            return 0;
        }));
        return restore;
    }

    private static Command Verify()
    {
        var file = new Argument<FileInfo?>("FILE") { Description = "A backup; left out: the store itself.", Arity = ArgumentArity.ZeroOrOne };
        var verify = new Command(
            "verify",
            """
            Check the store, or a backup: counts and hashes (of a backup), the file's own structure (SQLite), rows that name others which
            are not there, and the stock ledger against its cells. A backup is restored into a temporary folder (of TMPDIR) for that. Says what is
            wrong; exit code 0 when nothing is, 1 when something is.
            """)
        {
            file,
        };
        verify.SetAction((parsed, cancel) => Verbs.ReachingAsync(async () =>
        {
            if (parsed.GetValue(file) is not { } backup)
            {
                await using var database = Existing(SettingsOf(parsed));
                return await CheckAsync(database, cancel);
            }

            var folder = Directory.CreateTempSubdirectory("caravan-verify-").FullName;
            try
            {
                await using var database = Of(new Settings { DataFolder = folder });
                database.Migrate(TimeProvider.System.GetUtcNow());
                var end = await WithProgressAsync("reading", progress => StoreBackup.RestoreAsync(database, backup.FullName, TimeProvider.System.GetUtcNow(), progress, cancel));
                Say($"{end.Rows:N0} rows of {end.Tables} tables are as they were written.");
                return await CheckAsync(database, cancel);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }));
        return verify;
    }

    private static Command Copy()
    {
        var to = new Option<string>("--to") { Description = "Where to: \"Host=127.0.0.1;Username=caravan;Database=caravan\", or a folder for SQLite. It must be empty, or hold this copy's beginning.", Required = true };
        var copy = new Command(
            "copy",
            """
            Bring everything to another store: from SQLite to PostgreSQL, or back. Servers must be stopped; the source stays as it is. A copy
            that was cut off goes on where it stood when the same line is given again. At the end every table is counted and hashed on
            both sides. Then start the servers with the new --store.
            """)
        {
            to,
        };
        copy.SetAction((parsed, cancel) => Verbs.ReachingAsync(async () =>
        {
            var (source, target) = (SettingsOf(parsed), parsed.GetValue(to)!); // It is required.
            var there = target.Contains('=', StringComparison.Ordinal) ? new Settings { DataFolder = source.DataFolder, Store = target } : new Settings { DataFolder = target };
            if (there.Store == source.Store && Path.GetFullPath(there.DataFolder) == Path.GetFullPath(source.DataFolder))
                return Refuse("Source and target are the same store.");

            await using var from = Existing(source);
            await using var into = Of(there);
            await using var reading = await StoreGuard.TakeAsync(source, isAlone: true, cancel);
            await using var writing = await StoreGuard.TakeAsync(there, isAlone: true, cancel);
            from.Migrate(TimeProvider.System.GetUtcNow());
            into.Migrate(TimeProvider.System.GetUtcNow());
            var differences = await WithProgressAsync("copying", progress => StoreCopy.RunAsync(from, into, progress, cancel));
            return Tell(differences, $"Everything is in {into.Place}, counted and hashed. Start the servers with it.");
        }));
        return copy;
    }

    private static Command Distribute()
    {
        var dry = new Option<bool>("--dry-run") { Description = "Print the statements and change nothing; needs no Citus." };
        var distribute = new Command(
            "distribute",
            """
            Spread the tables of a PostgreSQL with the extension Citus over its workers: each table with its tenant, all tenants' tables side
            by side; those that are asked before a tenant is known on every worker. Servers must be stopped. May be run again: what is
            spread stays as it is. See docs/guides/scale-out.md.
            """)
        {
            dry,
        };
        distribute.SetAction((parsed, cancel) => Verbs.ReachingAsync(async () =>
        {
            if (SettingsOf(parsed).Store.Length == 0 && !parsed.GetValue(dry))
                return Refuse("Only PostgreSQL with the extension Citus can be spread. Say which with --store; bring a SQLite store there with: caravan store copy --to \"Host=…\"");

            await using var database = Existing(SettingsOf(parsed));
            IReadOnlyList<string> statements;
            await using (var snapshot = await Snapshot.OpenAsync(database, cancel))
                statements = StoreDistribute.Statements(snapshot.Tables);
            if (parsed.GetValue(dry))
            {
                foreach (var statement in statements)
                    Console.WriteLine(statement);
                return 0;
            }

            await using var guard = await StoreGuard.TakeAsync(SettingsOf(parsed), isAlone: true, cancel);
            await StoreDistribute.RunAsync((PostgresDatabase)database, statements, Console.WriteLine, cancel); // --store was given.
            return 0;
        }));
        return distribute;
    }

    private static async Task<int> CheckAsync(Database database, CancellationToken cancel)
    {
        var faults = await WithProgressAsync("checking", async progress =>
        {
            await using var db = new Db(database, isInsideRead: false);
            List<string> found = [.. await StoreCheck.RunAsync(db, what => progress(what, 0, 0))];
            progress("the stock ledger", 0, 0);
            found.AddRange((await StockBook.AuditOfAsync(db)).Select(fault => $"Stock: {fault}"));
            return found;
        });
        return Tell(faults, $"{database.Place}: nothing is wrong.");
    }

    private static int Tell(IReadOnlyList<string> faults, string otherwise)
    {
        foreach (var fault in faults)
            Console.Error.WriteLine(fault);
        if (faults.Count == 0)
            Say(otherwise);
        return faults.Count == 0 ? 0 : 1;
    }

    private static Settings SettingsOf(ParseResult parsed) => new() { DataFolder = parsed.GetValue(Verbs.Data)!, Store = parsed.GetValue(Verbs.Store)! }; // They have defaults.

    // What is only read is not brought up to this version: servers of an older one may be using it.
    private static Database Existing(Settings settings) =>
        settings.Store.Length > 0 || File.Exists(settings.DatabaseFile)
            ? Of(settings)
            : throw new StoreUnreachableException($"There is no store in {Path.GetFullPath(settings.DataFolder)}. Say which folder with --data, or which PostgreSQL with --store.");

    private static Database Of(Settings settings)
    {
        SqlTypes.Register();
        return Database.Of(settings);
    }

    // A bar for a person; for a file or another program, a line a table.
    private static async Task<T> WithProgressAsync<T>(string what, Func<TableProgress, Task<T>> work)
    {
        if (Console.IsOutputRedirected)
        {
            var last = "";
            return await work((table, rows, of) =>
            {
                if (table == last && rows != of)
                    return;

                last = table;
                Say(of > 0 ? $"{what} {table}: {rows:N0} of {of:N0}" : rows > 0 ? $"{what} {table}: {rows:N0}" : $"{what} {table}");
            });
        }

        return await AnsiConsole.Progress().AutoClear(true).Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).StartAsync(async bars =>
        {
            var bar = bars.AddTask(what);
            return await work((table, rows, of) =>
            {
                bar.Description = $"{what} {table.EscapeMarkup()}";
                bar.IsIndeterminate = of == 0;
                (bar.MaxValue, bar.Value) = (Math.Max(1, of), rows);
            });
        });
    }

    private static void Say(FormattableString text) => Say(text.ToString(CultureInfo.InvariantCulture));

    private static void Say(string text) => Console.WriteLine(text);

    private static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}
