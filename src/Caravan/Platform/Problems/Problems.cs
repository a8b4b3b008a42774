using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Platform.Problems;

/// <summary>One fault in what was sent: where (a JSON pointer into the body, or the name of a parameter or header) and what to do.</summary>
public sealed record Fault
{
    /// <summary>RFC 6901 pointer as a URI fragment, <c>#/lines/0/quantity</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Pointer { get; init; }

    /// <summary>The query parameter, path segment or header.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parameter { get; init; }

    /// <summary>What is wrong and what is wanted.</summary>
    public required string Detail { get; init; }
}

/// <summary>
/// Problem details (RFC 9457). <c>type</c> is a stable URN listed in docs/problems.md; <c>detail</c> tells the caller
/// what to do next; <c>errors</c> names each faulty field.
/// </summary>
public static class Problem
{
    /// <summary>400: what was sent cannot be understood.</summary>
    public static ProblemHttpResult Invalid(params IReadOnlyList<Fault> faults) =>
        Of(400, "invalid-request", "The request has faults", faults is [var only] ? only.Detail : $"{faults.Count} fields have faults; see errors.", ("errors", faults));

    /// <summary>404: no such thing, or none that you may see.</summary>
    public static ProblemHttpResult NotFound(string what) =>
        Of(404, "not-found", "Not found", $"There is no {what} that you can see. Check the id, and that your key belongs to the company that owns it.");

    /// <summary>A problem with a stable type and members of its own.</summary>
    public static ProblemHttpResult Of(int status, string type, string title, string detail, params ReadOnlySpan<(string Name, object? Value)> members) =>
        TypedResults.Problem(Details(status, type, title, detail, members));

    internal static ProblemDetails Details(int status, string type, string title, string detail, params ReadOnlySpan<(string Name, object? Value)> members)
    {
        var details = new ProblemDetails { Status = status, Type = $"urn:caravan:problem:{type}", Title = title, Detail = detail };
        foreach (var (name, value) in members)
            details.Extensions[name] = value;
        return details;
    }
}

/// <summary>Collects every fault of a request before refusing it, so that a caller mends them all at once.</summary>
public sealed class Check
{
    private readonly List<Fault> faults = [];

    /// <summary>Whether anything was wrong.</summary>
    public bool Failed => faults.Count > 0;

    /// <summary>The faults so far.</summary>
    public IReadOnlyList<Fault> Faults => faults;

    /// <summary>The refusal.</summary>
    public ProblemHttpResult Refusal => Problem.Invalid(faults);

    /// <summary>Records a fault when a claim about a field does not hold.</summary>
    public Check That(bool holds, string pointer, string detail)
    {
        if (!holds)
            faults.Add(new Fault { Pointer = pointer, Detail = detail });
        return this;
    }

    /// <summary>Text within a length, not blank, without control characters.</summary>
    public Check Text(string? text, string pointer, int longest, bool optional = false)
    {
        if (optional && text is null)
            return this;

        if (string.IsNullOrWhiteSpace(text))
            return That(false, pointer, "Give a text that is not empty.");

        if (text.Length > longest)
            That(false, pointer, $"At most {longest} characters; this has {text.Length}.");
        return That(!text.Any(c => char.IsControl(c) && c is not '\n'), pointer, "Control characters are not allowed.");
    }

    /// <summary>A whole number within bounds.</summary>
    public Check Range(long value, string pointer, long least, long most) =>
        value >= least && value <= most ? this : That(false, pointer, $"Give a number from {least} to {most}; this is {value}.");

    /// <summary>One of the words that a filter knows, in whatever case; none when nothing is said.</summary>
    public Check Word<T>(string? word, string pointer, out T? known)
        where T : struct, Enum
    {
        known = word is not null && word.All(char.IsAsciiLetter) && Enum.TryParse<T>(word, ignoreCase: true, out var parsed) ? parsed : null;
        return That(word is null || known is not null, pointer, $"Give one of {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName))}.");
    }

    /// <summary>A list within a length, not empty.</summary>
    public Check List<T>(IReadOnlyCollection<T>? list, string pointer, int most) =>
        list is { Count: > 0 } && list.Count <= most ? this : That(false, pointer, $"Give 1 to {most} entries; this has {list?.Count ?? 0}.");
}
