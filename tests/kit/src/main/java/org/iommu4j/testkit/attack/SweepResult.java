package org.iommu4j.testkit.attack;

/**
 * What an attacker got in one sweep.
 *
 * @param pagesRead how many pages it could read
 * @param pagesWritten how many it could write to
 * @param pointersRead how many pointers of the kernel it found
 * @param pointersOverwritten over how many of them it could write
 */
public record SweepResult(
    int pagesRead, int pagesWritten, int pointersRead, int pointersOverwritten) {}
