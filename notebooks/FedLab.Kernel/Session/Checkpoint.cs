using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace FedLab.Kernel.Session;

/// <summary>What is called in the loops and functions of cells, so that a cell that is to end does so where its own code stands.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Checkpoint
{
    /// <summary>Goes on, or ends the cell.</summary>
    /// <exception cref="OperationCanceledException">The cell is ended.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // it stands in every loop
    public static void Pass()
    {
        if (SynchronizationContext.Current is CellThread { IsEnding: true } cell) cell.End();
    }

    /// <summary>Goes on with a value, or ends the cell.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">What a clause of a query came to.</param>
    /// <exception cref="OperationCanceledException">The cell is ended.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Pass<T>(T value)
    {
        Pass();
        return value;
    }
}
