"""The Excel workbook of a region: a coordinator fills in the offer, the databank takes it or says what is wrong."""
