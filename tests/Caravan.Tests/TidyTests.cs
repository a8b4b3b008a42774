using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Caravan.Tests;

/// <summary>
/// The floors of the house, checked on the compiled assembly: a room may open only the doors that this table lists, and
/// of a neighbour only what is public. A new edge is a design decision: write it in docs/decisions and here.
/// </summary>
[Trait("Store", "once")]
public sealed partial class TidyTests
{
    private const string Root = "Caravan";
    private const int LongestFile = 420;

    private static readonly Dictionary<string, string[]> Doors = new()
    {
        ["Platform"] = [],
        ["Partners"] = ["Platform"],
        ["Catalog"] = ["Platform", "Partners"],
        ["Network"] = ["Platform", "Partners"],
        ["Routing"] = ["Platform"],
        ["Stock"] = ["Platform", "Partners", "Catalog", "Network"],
        ["Delivery"] = ["Platform", "Partners", "Network"],
        ["Orders"] = ["Platform", "Partners", "Catalog", "Network", "Stock", "Delivery"],
        ["Fulfilment"] = ["Platform", "Partners", "Catalog", "Network", "Stock", "Delivery", "Orders"],
        ["Returns"] = ["Platform", "Partners", "Catalog", "Network", "Stock", "Orders"],
        ["Edi"] = ["Platform", "Partners", "Catalog", "Network", "Stock", "Orders", "Fulfilment"],
        ["Storefronts"] = ["Platform", "Partners", "Catalog", "Network", "Stock", "Delivery", "Orders"],
        ["Operations"] = ["Platform", "Partners", "Catalog", "Network", "Stock", "Delivery", "Orders", "Fulfilment", "Returns", "Edi", "Storefronts"],
        ["Shadow"] = ["Platform", "Partners", "Network", "Delivery", "Orders", "Operations"],
        ["Demo"] = ["Platform", "Partners", "Catalog", "Network", "Stock", "Delivery", "Orders", "Fulfilment"],
    };

    [Fact]
    public void Rooms_open_only_the_doors_that_the_floors_allow()
    {
        List<string> breaches = [];
        foreach (var (from, to) in Uses())
        {
            var (room, neighbour) = (RoomOf(from), RoomOf(to));
            if (room is null || neighbour is null || room == neighbour)
                continue;

            if (!Doors.TryGetValue(room, out var allowed))
                breaches.Add($"{room} is not in the table of floors: add it with the doors it may open.");
            else if (!allowed.Contains(neighbour))
                breaches.Add($"{from.FullName} uses {to.FullName}: {room} may not open {neighbour}.");
            else if (neighbour != "Platform" && !IsPublic(to))
                breaches.Add($"{from.FullName} uses {to.FullName}, which is inside {neighbour}: use the room's door, or make it part of it.");
        }

        Assert.True(breaches.Count == 0, string.Join('\n', breaches.Distinct().Order()));
    }

    [Fact]
    public void Files_fit_in_the_head()
    {
        var tooLong = SourceFiles().Select(file => (file, Lines: File.ReadLines(file).Count())).Where(one => one.Lines > LongestFile).Select(one => $"{Path.GetFileName(one.file)}: {one.Lines} lines").ToList();

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Nothing_is_left_over()
    {
        string[] leftovers = ["TODO ", "TODO:", "FIXME", "HACK", "XXX", "NotImplementedException", "#region"];
        var found = SourceFiles()
            .SelectMany(file => File.ReadLines(file).Select((text, index) => (File: Path.GetFileName(file), Line: index + 1, text)))
            .Where(line => leftovers.Any(leftover => line.text.Contains(leftover, StringComparison.Ordinal)))
            .Select(line => $"{line.File}:{line.Line}: {line.text.Trim()}")
            .ToList();

        Assert.Empty(found);
    }

    [Fact]
    public void Every_problem_stands_in_the_list_of_problems_and_no_other()
    {
        var listed = ListedProblem().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "problems.md"))).Select(match => match.Groups[1].Value).ToList();
        var source = string.Concat(SourceFiles().Select(File.ReadAllText));
        var raised = RaisedProblem().Matches(source).Select(match => match.Groups[1].Value).Distinct();

        Assert.Empty(raised.Except(listed));
        Assert.All(listed, type => Assert.Contains($"\"{type}\"", source, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| `([a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex ListedProblem();

    [GeneratedRegex("Problem\\.(?:Of|Details)\\(\\s*\\d+,\\s*\"([a-z-]+)\"")]
    private static partial Regex RaisedProblem();

    private static IEnumerable<string> SourceFiles()
    {
        var source = Path.Combine(Repository.Root, "src");
        return Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(source, "*.razor", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
    }

    private static string? RoomOf(TypeReference type)
    {
        var outer = type;
        while (outer.DeclaringType is not null)
            outer = outer.DeclaringType;
        var parts = outer.Namespace.Split('.');
        return parts is [Root, var room, ..] && room != "Engines" ? room : null;
    }

    private static bool IsPublic(TypeReference type) =>
        type.Resolve() is not { } definition || definition.IsPublic || (definition.IsNestedPublic && IsPublic(definition.DeclaringType));

    private static IEnumerable<(TypeDefinition From, TypeReference To)> Uses()
    {
        var assembly = AssemblyDefinition.ReadAssembly(typeof(CaravanServer).Assembly.Location);
        foreach (var type in assembly.MainModule.GetTypes())
        {
            foreach (var used in Mentioned(type).SelectMany(Parts))
            {
                if (used.Scope == assembly.MainModule || used.Scope is ModuleDefinition)
                    yield return (type, used);
            }
        }
    }

    private static IEnumerable<TypeReference> Mentioned(TypeDefinition type)
    {
        if (type.BaseType is not null)
            yield return type.BaseType;
        foreach (var one in type.Interfaces)
            yield return one.InterfaceType;
        foreach (var field in type.Fields)
            yield return field.FieldType;
        foreach (var method in type.Methods)
        {
            yield return method.ReturnType;
            foreach (var parameter in method.Parameters)
                yield return parameter.ParameterType;
            if (!method.HasBody)
                continue;

            foreach (var variable in method.Body.Variables)
                yield return variable.VariableType;
            foreach (var operand in method.Body.Instructions.Select(instruction => instruction.Operand))
            {
                switch (operand)
                {
                    case TypeReference used:
                        yield return used;
                        break;
                    case MethodReference called:
                        yield return called.DeclaringType;
                        if (called is GenericInstanceMethod generic)
                        {
                            foreach (var argument in generic.GenericArguments)
                                yield return argument;
                        }

                        break;
                    case FieldReference field:
                        yield return field.DeclaringType;
                        yield return field.FieldType;
                        break;
                }
            }
        }
    }

    private static IEnumerable<TypeReference> Parts(TypeReference type)
    {
        yield return type.GetElementType();
        if (type is GenericInstanceType generic)
        {
            foreach (var part in generic.GenericArguments.SelectMany(Parts))
                yield return part;
        }
    }
}
