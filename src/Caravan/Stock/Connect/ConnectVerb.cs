using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Caravan.Stock.Connect;

/// <summary>What <c>caravan feed connect</c> was asked to do.</summary>
internal sealed record ConnectOrder(FileInfo File, Uri Server, string Key, ConnectionChoices Choices, int AcceptPercent, bool IsYes, bool IsDryRun, bool IsJson, bool AcceptsBreaker);

/// <summary><c>caravan feed connect FILE</c>: from an export to a live feed, on a server that runs, with a company's key.</summary>
internal static class ConnectVerb
{
    private const int ExitDone = 0;
    private const int ExitOpen = 1;
    private const int ExitRefused = 2;
    private const int SureEnough = 75;

    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "An export of your stock system, as it is: CSV, semicolons or tabs, in any language and encoding." };
        var server = new Option<Uri>("--server") { Description = "The server's address. [env: CARAVAN_SERVER]", DefaultValueFactory = _ => new Uri(Environment.GetEnvironmentVariable("CARAVAN_SERVER") is { Length: > 0 } address ? address : "http://localhost:5080") };
        var key = new Option<string>("--key") { Description = "A key of your company. Better given by the environment, for others see a command line. [env: CARAVAN_KEY]", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CARAVAN_KEY") ?? "" };
        var name = new Option<string?>("--name") { Description = "What the feed is to be called; left out: the file's name." };
        var item = new Option<string?>("--item") { Description = "The column of the item." };
        var codes = Words("--codes", "What its codes are.", "sku", "gtin");
        var location = new Option<string?>("--location") { Description = "The column of the location." };
        var of = new Option<string?>("--of-location") { Description = "Where no column tells it: the code of the location that the whole file is of." };
        var quantity = new Option<string?>("--quantity") { Description = "The column of the quantity." };
        var meaning = Words("--meaning", "Whether it tells what lies there, or what may still be sold.", "onHand", "available");
        var decimals = Words("--decimals", "How quantities are written: 1234, 1.234,00 or 1,234.00.", "plain", "comma", "point");
        var asOf = new Option<DateTimeOffset?>("--as-of") { Description = "When the figures were true, such as 2026-11-03T02:00:00Z." };
        var encoding = Words("--encoding", "The file's encoding.", [.. FeedEncodings.Known.Select(one => one.Name)]);
        var delimiter = Words("--delimiter", "What divides its fields.", "comma", "semicolon", "tab", "pipe");
        var header = new Option<int?>("--header-line") { Description = "The line that names the columns." };
        var mapItem = new Option<string[]>("--map-item") { Description = "CODE=SKU: what a code of the file is; may be given again and again." };
        var mapLocation = new Option<string[]>("--map-location") { Description = "CODE=LOCATION: what a location of the file is; may be given again and again." };
        var accept = new Option<int>("--accept") { Description = "Take suggestions for unknown codes that are so many per cent sure; 0: none.", DefaultValueFactory = _ => 80 };
        var yes = new Option<bool>("--yes") { Description = "Ask nothing: take the guesses and go live." };
        var dry = new Option<bool>("--dry-run") { Description = "Stop before going live; come back on the page, or by this verb." };
        var breaker = new Option<bool>("--accept-breaker") { Description = "Take the file also where the breaker says that it takes away too much." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead, for programs." };
        var connect = new Command(
            "connect",
            """
            Connect a stock system, beginning with one of its exports as it is.

            What the file means is guessed, each guess with how sure it is and why: encoding, divider, which column is the item,
            the location, the quantity. You put right what is wrong, by a question or an option. Unknown codes get suggestions.
            A dry run shows what would change, what is rejected and why. Then it goes live: the feed is made, the file is its
            first snapshot, and the line is printed that sends the next one.

              caravan feed connect stock.csv --key crv_…                     asks, where a terminal is there
              caravan feed connect stock.csv --yes                           takes the guesses
              caravan feed connect stock.csv --item Artikel --quantity Frei --meaning available --of-location W1 --yes

            Exit code 0: live (or the dry run was asked for and nothing stands in its way); 1: something is still to be said;
            2: refused, with the reason.
            """)
        {
            file, server, key, name, item, codes, location, of, quantity, meaning, decimals, asOf, encoding, delimiter, header, mapItem, mapLocation, accept, yes, dry, breaker, json,
        };
        connect.SetAction((parsed, cancel) =>
        {
            var order = new ConnectOrder(
                parsed.GetRequiredValue(file),
                parsed.GetRequiredValue(server),
                parsed.GetRequiredValue(key),
                new ConnectionChoices
                {
                    Name = parsed.GetValue(name),
                    ItemColumn = parsed.GetValue(item),
                    ItemCodes = parsed.GetValue(codes),
                    LocationColumn = parsed.GetValue(of) is null ? parsed.GetValue(location) : "",
                    FixedLocation = parsed.GetValue(of),
                    QuantityColumn = parsed.GetValue(quantity),
                    Meaning = parsed.GetValue(meaning),
                    Decimals = parsed.GetValue(decimals),
                    AsOf = parsed.GetValue(asOf),
                    Encoding = parsed.GetValue(encoding),
                    Delimiter = parsed.GetValue(delimiter),
                    HeaderLine = parsed.GetValue(header),
                    Items = Pairs(parsed.GetValue(mapItem)),
                    Locations = Pairs(parsed.GetValue(mapLocation)),
                },
                parsed.GetValue(accept),
                parsed.GetValue(yes),
                parsed.GetValue(dry),
                parsed.GetValue(json),
                parsed.GetValue(breaker));
            var console = AnsiConsole.Console;
            var asks = !order.IsYes && !order.IsJson && console.Profile.Capabilities.Interactive && !Console.IsInputRedirected && !Console.IsOutputRedirected;
            return RunAsync(order, console, Console.Out, Console.Error, asks, cancel);
        });
        return connect;
    }

    /// <summary>Does it; the exit code.</summary>
    public static async Task<int> RunAsync(ConnectOrder order, IAnsiConsole console, TextWriter output, TextWriter errors, bool asks, CancellationToken cancel)
    {
        if (!order.File.Exists)
            return await RefuseAsync(errors, $"There is no file {order.File.Name}.");
        if (order.Key.Length == 0)
            return await RefuseAsync(errors, "Give a key of your company: --key crv_…, or the environment's CARAVAN_KEY. `caravan partner add` prints one.");

        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = order.Server, Timeout = TimeSpan.FromMinutes(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", order.Key);
        try
        {
            await using var file = order.File.OpenRead();
            using var body = new StreamContent(file);
            body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            var name = order.Choices.Name is { } said ? $"&name={Uri.EscapeDataString(said)}" : "";
            var found = await SendAsync(http, HttpMethod.Post, $"/v1/feed-connections?fileName={Uri.EscapeDataString(order.File.Name)}{name}", body, ConnectionJson.House.Connection, cancel);
            var here = $"/v1/feed-connections/{found.Id}";
            found = await ChangeAsync(http, here, order.Choices, cancel);
            if (asks)
                found = await AskAsync(http, here, found, console, cancel);
            if (order.AcceptPercent > 0 && found.Items?.UnknownInAll + found.Locations?.UnknownInAll > 0)
            {
                await SendAsync(http, HttpMethod.Post, $"{here}:accept", JsonContent.Create(new AcceptBody { AtLeastPercent = Math.Clamp(order.AcceptPercent, 50, 100) }, ConnectionJson.House.AcceptBody), ConnectionJson.House.AcceptedCodes, cancel);
                found = await SendAsync(http, HttpMethod.Get, here, null, ConnectionJson.House.Connection, cancel);
            }

            if (!order.IsJson)
                ConnectPrint.Print(console, found);
            var isReady = found is { Fault: null, DryRun: not null };
            if (!isReady || order.IsDryRun || (!order.IsYes && !(asks && await new ConfirmationPrompt("Go live with this file?") { DefaultValue = false }.ShowAsync(console, cancel))))
            {
                if (order.IsJson)
                    await output.WriteLineAsync(JsonSerializer.Serialize(found, ConnectionJson.House.Connection).AsMemory(), cancel);
                else
                    console.MarkupLineInterpolated($"{(found.Fault is null ? "Not live yet." : found.Fault)} Go on by options of this verb (--yes goes live), or at {new Uri(order.Server, $"/operations/feeds/connect/{found.Id}")}");
                return isReady && order.IsDryRun ? ExitDone : ExitOpen;
            }

            var live = await SendAsync(http, HttpMethod.Post, $"{here}:go-live", JsonContent.Create(new GoLiveBody { AcceptsBreaker = order.AcceptsBreaker }, ConnectionJson.House.GoLiveBody), ConnectionJson.House.LiveBody, cancel);
            if (order.IsJson)
                await output.WriteLineAsync(JsonSerializer.Serialize(live, ConnectionJson.House.LiveBody).AsMemory(), cancel);
            else
                ConnectPrint.PrintLive(console, live, order);
            return live.IsWaiting ? ExitOpen : ExitDone;
        }
        catch (Exception fault) when (fault is ConnectRefusedException or HttpRequestException or IOException or UnauthorizedAccessException or JsonException)
        {
            return await RefuseAsync(errors, fault is HttpRequestException ? $"{order.Server} cannot be reached: {fault.Message}" : fault.Message);
        }
    }

    // What is not sure enough is asked; the first answer is the guess.
    private static async Task<Connection> AskAsync(HttpClient http, string here, Connection found, IAnsiConsole console, CancellationToken cancel)
    {
        if (found.ItemColumn.Percent < SureEnough)
            found = await ChangeAsync(http, here, new ConnectionChoices { ItemColumn = await ChooseAsync("Which column is the item?", found.ItemColumn.Value) }, cancel);
        if (found.QuantityColumn.Percent < SureEnough)
            found = await ChangeAsync(http, here, new ConnectionChoices { QuantityColumn = await ChooseAsync("Which column is the quantity?", found.QuantityColumn.Value) }, cancel);
        if (found.LocationColumn.Percent < SureEnough && await ChooseAsync("Which column is the location?", found.LocationColumn.Value, "No column tells it") is var column)
        {
            found = await ChangeAsync(
                http,
                here,
                column == "No column tells it" ? new ConnectionChoices { LocationColumn = "", FixedLocation = await new TextPrompt<string>("The code of the location that the whole file is of:").ShowAsync(console, cancel) } : new ConnectionChoices { LocationColumn = column },
                cancel);
        }

        if (found.Meaning.Percent < SureEnough)
        {
            var available = await new ConfirmationPrompt("Are reservations left out of the quantity already (what may still be sold)?") { DefaultValue = found.Meaning.Value == "available" }.ShowAsync(console, cancel);
            found = await ChangeAsync(http, here, new ConnectionChoices { Meaning = available ? "available" : "onHand" }, cancel);
        }

        return found;

        Task<string> ChooseAsync(string question, string guess, params string[] more) => new SelectionPrompt<string>()
            .Title(question)
            .AddChoices(found.Header.Where(title => title.Length > 0).Concat(more).Distinct().OrderByDescending(title => title == guess))
            .UseConverter(Markup.Escape)
            .ShowAsync(console, cancel);
    }

    private static Task<Connection> ChangeAsync(HttpClient http, string here, ConnectionChoices choices, CancellationToken cancel) =>
        SendAsync(http, HttpMethod.Patch, here, JsonContent.Create(choices, ConnectionJson.House.ConnectionChoices), ConnectionJson.House.Connection, cancel);

    private static async Task<T> SendAsync<T>(HttpClient http, HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var answer = await http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        if (answer.IsSuccessStatusCode)
            return JsonSerializer.Deserialize(text, type) ?? throw new ConnectRefusedException("The server's answer is empty.");

        throw new ConnectRefusedException(answer.StatusCode == System.Net.HttpStatusCode.Unauthorized ? "The server does not know this key." : Why(text, (int)answer.StatusCode));
    }

    private static string Why(string text, int status)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var problem = document.RootElement;
            return problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
                ? string.Join('\n', errors.EnumerateArray().Select(error => $"{(error.TryGetProperty("pointer", out var at) || error.TryGetProperty("parameter", out at) ? at.GetString() : "")}: {error.GetProperty("detail").GetString()}"))
                : problem.GetProperty("detail").GetString() ?? text;
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"The server has answered {status}: {text}");
        }
    }

    private static Dictionary<string, string>? Pairs(string[]? pairs)
    {
        if (pairs is null or [])
            return null;

        Dictionary<string, string> all = new(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            // A code may hold an equals sign; ours do not.
            var at = pair.LastIndexOf('=');
            all[at < 0 ? pair : pair[..at]] = at < 0 ? "?" : pair[(at + 1)..];
        }

        return all;
    }

    private static Option<string?> Words(string name, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = $"{description} One of: {string.Join(", ", words)}." };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    private static async Task<int> RefuseAsync(TextWriter errors, string why)
    {
        await errors.WriteLineAsync(why);
        return ExitRefused;
    }

    private sealed class ConnectRefusedException(string message) : Exception(message);
}
