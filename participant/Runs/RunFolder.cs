using FedLab.Data;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Federation.Runs;

namespace FedLab.Participant.Runs;

/// <summary>The files of a run in <c>runs/RUN/</c>; each is written beside its place, flushed and renamed, so that a killed process leaves the old one or the new one.</summary>
internal sealed class RunFolder : IRunStore
{
    private const string Unfinished = ".tmp";
    private readonly string _folder;

    private RunFolder(string folder) => _folder = folder;

    /// <summary>Opens the folder of a run or makes it, for the one who takes part in the run: what a killed process left unfinished is removed.</summary>
    /// <param name="folder">The folder.</param>
    public static RunFolder Begin(string folder)
    {
        KeyFiles.CreateFolder(folder);
        foreach (var left in Directory.EnumerateFiles(folder, "*" + Unfinished)) File.Delete(left);
        return new RunFolder(folder);
    }

    /// <summary>Opens the folder of a run that somebody else may just be writing to.</summary>
    /// <param name="folder">The folder, which exists.</param>
    public static RunFolder Open(string folder) => new(folder);

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => [.. Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith(Unfinished, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public async ValueTask SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => await AtomicFile.WriteAsync(PathOf(name), content, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask AppendAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(PathOf(name), FileMode.OpenOrCreate, FileAccess.Write);
        await RandomAccess.WriteAsync(file, content, RandomAccess.GetLength(file), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> LoadAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <inheritdoc/>
    public void Delete(string name) => File.Delete(PathOf(name));

    private string PathOf(string name) => EnvelopeHeader.IsName(name) && !name.EndsWith(Unfinished, StringComparison.Ordinal) ? Path.Combine(_folder, name) : throw new ArgumentException($"'{name}' is not a plain file name.", nameof(name));
}
