"""diem06 carries out and steers the pilot models of Project 06 in a province."""
