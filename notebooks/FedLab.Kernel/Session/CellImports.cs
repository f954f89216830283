using System.Reflection.PortableExecutable;
using FedLab.Kernel.Display;
using FedLab.Notebook.Display;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace FedLab.Kernel.Session;

/// <summary>What a cell sees without a directive: the framework, FedLab's libraries, the namespaces of the notebook library and its functions.</summary>
internal static class CellImports
{
    private static readonly string[] FrameworkNamespaces =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks"];

    private static readonly string[] FrameworkPrefixes = ["System", "netstandard", "mscorlib", "Microsoft.CSharp", "Microsoft.Win32."];

    /// <summary>The options of every cell.</summary>
    /// <param name="folder">Where relative paths in <c>#r</c> and <c>#load</c> start.</param>
    public static ScriptOptions Options(string folder) => ScriptOptions.Default
        .WithLanguageVersion(LanguageVersion.Latest)
        .WithReferences(References())
        .WithImports([.. FrameworkNamespaces, .. NotebookNamespaces(), typeof(NotebookFunctions).FullName!])
        .WithMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(folder))
        .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(folder))
        .WithOptimizationLevel(OptimizationLevel.Release)
        .WithEmitDebugInformation(true)
        .WithFileEncoding(System.Text.Encoding.UTF8);

    // By reflection, so that a namespace that the library gains is there without anybody telling the kernel.
    private static IEnumerable<string> NotebookNamespaces() =>
        typeof(NotebookHost).Assembly.GetExportedTypes().Select(type => type.Namespace!).Append("FedLab.Notebook").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static List<MetadataReference> References()
    {
        var known = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var references = new List<MetadataReference>();
        foreach (var path in known)
        {
            var folder = Path.GetDirectoryName(path);
            var name = Path.GetFileName(path);
            var wanted = folder == framework
                ? FrameworkPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
                : folder == own && !name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal);
            if (wanted && Read(path) is { } reference) references.Add(reference);
        }
        return references;
    }

    // Only the metadata are read, a tenth of the file; the rest of an assembly matters to those who run it.
    private static PortableExecutableReference? Read(string path)
    {
        try
        {
            return AssemblyMetadata.Create(ModuleMetadata.CreateFromStream(File.OpenRead(path), PEStreamOptions.PrefetchMetadata)).GetReference(filePath: path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            return null;
        }
    }
}
