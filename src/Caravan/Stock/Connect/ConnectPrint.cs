using System.Globalization;
using Spectre.Console;

namespace Caravan.Stock.Connect;

/// <summary>A feed on its way, for a terminal.</summary>
internal static class ConnectPrint
{
    private const int UnknownShown = 10;

    public static void Print(IAnsiConsole console, Connection found)
    {
        var guesses = Table("What the file says", "", "is", "sure", "why");
        foreach (var (what, guess) in new (string, Guessed)[]
        {
            ("item", found.ItemColumn), ("its codes are", found.ItemCodes), ("location", found.LocationColumn), ("all lines are of", found.FixedLocation), ("quantity", found.QuantityColumn),
            ("the quantity is", found.Meaning), ("written", found.Decimals), ("true at", found.AsOf), ("encoding", found.Encoding), ("divided by", found.Delimiter), ("header on line", found.HeaderLine),
        })
        {
            if (guess.Value.Length > 0 || guess.Percent == 0)
                guesses.AddRow(Markup.Escape(what), Markup.Escape(guess.Value), guess.Percent == 0 ? "" : $"{guess.Percent} %", Markup.Escape(guess.Why));
        }

        console.Write(guesses);
        PrintCodes(console, "Items", found.Items);
        PrintCodes(console, "Locations", found.Locations);
        if (found.DryRun is not { } dry)
            return;

        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]Dry run[/]: {dry.Accepted} of {dry.Lines} lines taken; {dry.NewCells} new cells, {dry.ChangedCells} changed, {dry.UnchangedCells} unchanged, {dry.CellsToZero} fall to zero");
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{dry.Breaker}");
        foreach (var (title, reasons) in new[] { ("Rejected", dry.Rejected), ("Taken, but looks wrong", dry.Suspicious) })
        {
            if (reasons.Count == 0)
                continue;

            var table = Table(title, "reason", "lines", "which", "for example");
            foreach (var one in reasons)
                table.AddRow(Markup.Escape(one.Detail.Length > 0 ? $"{one.Reason}: {one.Detail}" : one.Reason), $"{one.Count}", string.Join(", ", one.Lines) + (one.Count > one.Lines.Count ? ", …" : ""), Markup.Escape(string.Join("\n", one.Examples)));
            console.Write(table);
        }

        var locations = Table("By location", "location", "lines", "units now", "units then", "cells to zero");
        foreach (var one in dry.Locations.Take(50))
            locations.AddRow(Markup.Escape($"{one.Name} ({one.Code})"), $"{one.Lines}", $"{one.UnitsNow}", $"{one.UnitsThen}", $"{one.CellsToZero}");
        console.Write(locations);
    }

    public static void PrintLive(IAnsiConsole console, LiveBody live, ConnectOrder order)
    {
        console.MarkupLineInterpolated($"[green]The feed is live[/]: {live.Feed}{(live.IsWaiting ? ". Its first snapshot waits for a person: it stands in the inbox." : "")}");
        console.WriteLine("Send the next file, the same export as it is:");
        console.WriteLine($"  curl -sS -H \"Authorization: Bearer $KEY\" -H \"Content-Type: text/csv\" --data-binary @\"{order.File.Name}\" \"{new Uri(order.Server, $"/v1/feeds/{live.Feed}/files")}?asOf=$(date -u +%FT%TZ)\"");
    }

    private static void PrintCodes(IAnsiConsole console, string title, ConnectionCodes? codes)
    {
        if (codes is null)
            return;

        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{title}[/]: {codes.Known + codes.Mapped} of {codes.Distinct} codes are known");
        if (codes.Unknown.Count == 0)
            return;

        var table = Table("Unknown", "code", "lines", "may be");
        foreach (var one in codes.Unknown.Take(UnknownShown))
            table.AddRow(Markup.Escape(one.Code), $"{one.Lines}", Markup.Escape(one.Suggestions.Count == 0 ? "nothing of yours is like it" : string.Join("\n", one.Suggestions.Select(like => $"{like.Target} {like.Words}: {like.Percent} %, {like.Why}"))));
        console.Write(table);
        if (codes.UnknownInAll > UnknownShown)
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"… and {codes.UnknownInAll - UnknownShown} more");
    }

    private static Table Table(string title, params string[] columns)
    {
        var table = new Table().Title(title).Border(TableBorder.Rounded);
        foreach (var column in columns)
            table.AddColumn(column);
        return table;
    }
}
